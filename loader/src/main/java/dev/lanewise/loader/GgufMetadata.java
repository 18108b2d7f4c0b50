package dev.lanewise.loader;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Metadata of a GGUF file. Small values are kept; arrays and long strings are kept as places in the
 * file and read when somebody asks for them.
 *
 * @param file that it was read from
 * @param values by key
 */
record GgufMetadata(Path file, SequencedMap<String, Entry> values) {

  /**
   * One value.
   *
   * @param type of the value, or of the elements
   * @param array whether it is an array
   * @param count of elements; of a string the bytes; else 1
   * @param offset of the first element or the string's first byte, in the file
   * @param value a Long, Double, Boolean or String; null for arrays and long strings
   */
  record Entry(
      GgufType.Value type, boolean array, long count, long offset, @Nullable Object value) {

    /** For people. */
    String text() {
      if (value != null) {
        return value.toString();
      }
      return array
          ? "array of " + count + " " + type.name().toLowerCase(Locale.ROOT)
          : "string of " + count + " bytes";
    }
  }

  /** Everything as text, for people. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    values.forEach((key, entry) -> texts.put(key, entry.text()));
    return texts;
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** A string, or {@code absent} if there is no such key. */
  String string(String key, String absent) throws MalformedCheckpointException {
    Entry entry = values.get(key);
    if (entry == null) {
      return absent;
    }
    if (entry.value() instanceof String text) {
      return text;
    }
    throw expected(key, entry, "a string of ordinary length");
  }

  /** A string that must be there. */
  String requiredString(String key) throws MalformedCheckpointException {
    require(key);
    return string(key, "");
  }

  /** An integer of any width, or {@code absent}. */
  long integer(String key, long absent, long min, long max) throws MalformedCheckpointException {
    Entry entry = values.get(key);
    if (entry == null) {
      return absent;
    }
    if (entry.value() instanceof Long number && number >= min && number <= max) {
      return number;
    }
    throw expected(key, entry, "an integer from " + min + " to " + max);
  }

  /** An integer that must be there. */
  long requiredInteger(String key, long min, long max) throws MalformedCheckpointException {
    require(key);
    return integer(key, 0, min, max);
  }

  /** A number, or {@code absent}. */
  double number(String key, double absent) throws MalformedCheckpointException {
    Entry entry = values.get(key);
    if (entry == null) {
      return absent;
    }
    if (entry.value() instanceof Number number) {
      return number.doubleValue();
    }
    throw expected(key, entry, "a number");
  }

  /** A truth value, or {@code absent}. */
  boolean bool(String key, boolean absent) throws MalformedCheckpointException {
    Entry entry = values.get(key);
    if (entry == null) {
      return absent;
    }
    if (entry.value() instanceof Boolean truth) {
      return truth;
    }
    throw expected(key, entry, "true or false");
  }

  /** The strings of an array that must be there. */
  String[] strings(String key, int maxCount) throws IOException {
    Entry entry = array(key, maxCount);
    if (entry.type() != GgufType.Value.STRING) {
      throw expected(key, entry, "an array of strings");
    }
    try (FileCursor cursor = FileCursor.open(file)) {
      cursor.begin("metadata", key);
      cursor.seek(entry.offset());
      String[] strings = new String[(int) entry.count()];
      for (int i = 0; i < strings.length; i++) {
        int length = (int) Math.min(cursor.u64("the length"), Integer.MAX_VALUE);
        strings[i] = cursor.utf8(length, "an element");
      }
      return strings;
    }
  }

  /** The integers of an array of 32 bits that must be there. */
  int[] integers(String key, int maxCount) throws IOException {
    Entry entry = array(key, maxCount);
    if (entry.type() != GgufType.Value.INT32 && entry.type() != GgufType.Value.UINT32) {
      throw expected(key, entry, "an array of 32-bit integers");
    }
    try (FileCursor cursor = FileCursor.open(file)) {
      cursor.begin("metadata", key);
      cursor.seek(entry.offset());
      int[] integers = new int[(int) entry.count()];
      for (int i = 0; i < integers.length; i++) {
        integers[i] = cursor.i32("an element");
      }
      return integers;
    }
  }

  /** Elements of an array, 0 if there is no such key. */
  long count(String key) {
    Entry entry = values.get(key);
    return entry == null || !entry.array() ? 0 : entry.count();
  }

  private Entry array(String key, int maxCount) throws IOException {
    Entry entry = require(key);
    if (!entry.array()) {
      throw expected(key, entry, "an array");
    }
    if (entry.count() > maxCount) {
      throw unsupported(key, "has " + entry.count() + " elements, supported are up to " + maxCount);
    }
    return entry;
  }

  private Entry require(String key) throws MalformedCheckpointException {
    Entry entry = values.get(key);
    if (entry == null) {
      throw new MalformedCheckpointException(
          file.getFileName() + ": has no metadata key " + Quoted.of(key));
    }
    return entry;
  }

  private MalformedCheckpointException expected(String key, Entry entry, String expected) {
    return invalid(key, "is " + Quoted.plain(entry.text()) + ", expected " + expected);
  }

  /** The error about a key that breaks a rule. */
  MalformedCheckpointException invalid(String key, String sentence) {
    return new MalformedCheckpointException(place(key) + sentence);
  }

  /** The error about a key whose value is valid but not supported. */
  UnsupportedCheckpointException unsupported(String key, String sentence) {
    return new UnsupportedCheckpointException(place(key) + sentence);
  }

  private String place(String key) {
    return file.getFileName() + ": metadata " + Quoted.of(key) + " ";
  }
}
