package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import dev.lanewise.loader.GgufMetadata.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * Reads the header of a GGUF file, versions 2 and 3: magic, version, counts, metadata, tensors, and
 * then the data, in which tensors lie at multiples of the alignment with nothing but padding
 * between them. It is read once, in order, and refused at the first broken rule.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
final class GgufReader {

  /** Ours: an ordinary file has dozens of keys. */
  static final int MAX_KEYS = 1 << 13;

  /** Ours: an ordinary model has hundreds. */
  static final int MAX_TENSORS = 1 << 13;

  /** The format's own limit of a key, in bytes. */
  static final int MAX_KEY_BYTES = (1 << 16) - 1;

  /** The format's own limit of a tensor's name, in bytes. */
  static final int MAX_NAME_BYTES = 64;

  /** The format's own limit. */
  static final int MAX_DIMENSIONS = 4;

  /** Ours: the format has none. */
  static final int MAX_NESTING = 4;

  /** Ours: elements of arrays that are looked at one by one; a vocabulary has fewer. */
  static final long MAX_ELEMENTS = 1 << 24;

  /** Strings up to this length are kept, this many bytes of them together. */
  private static final int MAX_KEPT_STRING = 1 << 16;

  private static final int MAX_KEPT_TOGETHER = 1 << 21;

  /** A key of one byte with a value of one byte; a name of one byte with no dimension. */
  private static final int MIN_KEY_BYTES = 8 + 1 + 4 + 1;

  private static final int MIN_TENSOR_BYTES = 8 + 1 + 4 + 4 + 8;

  private static final String MAGIC = "GGUF";
  private static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;

  private final Path file;
  private final FileCursor in;
  private final SequencedMap<String, Entry> values = new LinkedHashMap<>();
  private int keptBytes;
  private long elements;

  private GgufReader(Path file, FileCursor in) {
    this.file = file;
    this.in = in;
  }

  /**
   * What a file holds.
   *
   * @param tensors checked against all rules
   */
  record Header(TensorFile tensors, GgufMetadata metadata) {}

  /** Reads and checks the header of {@code file}. */
  static Header read(Path file) throws IOException {
    try (FileCursor in = FileCursor.open(file)) {
      return new GgufReader(file, in).header();
    }
  }

  private Header header() throws IOException {
    String magic = new String(in.bytes(4, "the magic"), StandardCharsets.US_ASCII);
    if (!magic.equals(MAGIC)) {
      throw new MalformedCheckpointException(
          in.name() + ": begins with " + Quoted.of(magic) + ", expected 'GGUF'");
    }
    checkVersion(in.i32("the version"));
    long tensorCount = count("tensors", MAX_TENSORS);
    long keyCount = count("metadata keys", MAX_KEYS);
    if (tensorCount > in.remaining() / MIN_TENSOR_BYTES) {
      throw tooMany(tensorCount, "tensors");
    }
    if (keyCount > in.remaining() / MIN_KEY_BYTES) {
      throw tooMany(keyCount, "metadata keys");
    }
    for (long i = 0; i < keyCount; i++) {
      readKey();
    }
    GgufMetadata metadata = new GgufMetadata(file, Collections.unmodifiableSequencedMap(values));
    long alignment = alignment(metadata);
    List<Unplaced> unplaced = new ArrayList<>();
    for (long i = 0; i < tensorCount; i++) {
      unplaced.add(tensor());
    }
    SequencedMap<String, TensorInfo> tensors = place(unplaced, alignment);
    return new Header(new TensorFile(file, in.size(), tensors, metadata.texts()), metadata);
  }

  private void checkVersion(int version) throws IOException {
    if (version == 2 || version == 3) {
      return;
    }
    int swapped = Integer.reverseBytes(version);
    String found =
        swapped > 0 && swapped <= 0xffff
            ? "is big-endian GGUF of version " + swapped + ", supported is little-endian"
            : "is GGUF of version " + Integer.toUnsignedString(version) + ", supported are 2 and 3";
    throw new UnsupportedCheckpointException(in.name() + ": " + found);
  }

  private long count(String what, int limit) throws IOException {
    long count = in.i64("the number of " + what);
    if (count < 0 || count > limit) {
      throw new UnsupportedCheckpointException(
          in.name()
              + ": has "
              + Long.toUnsignedString(count)
              + " "
              + what
              + ", supported are up to "
              + limit);
    }
    return count;
  }

  private MalformedCheckpointException tooMany(long count, String what) {
    return in.invalid(
        "the header says " + count + " " + what + ", for which the file is too short: it is cut");
  }

  private String text(String what, int maxBytes) throws IOException {
    long length = in.i64("the length of " + what);
    if (length < 1 || length > maxBytes) {
      throw in.invalid(
          what + " has " + Long.toUnsignedString(length) + " bytes, expected 1 to " + maxBytes);
    }
    return in.utf8((int) length, what);
  }

  private void readKey() throws IOException {
    in.begin("", "");
    String key = text("a metadata key", MAX_KEY_BYTES);
    if (values.containsKey(key)) {
      throw in.invalid("duplicate metadata key " + Quoted.of(key));
    }
    in.begin("metadata", key);
    values.put(key, value(type()));
  }

  private GgufType.Value type() throws IOException {
    long number = in.u32("the type");
    GgufType.Value type = GgufType.value(number);
    if (type == null) {
      throw in.invalid(in.subject() + " has the value type " + number + ", expected 0 to 12");
    }
    return type;
  }

  private Entry value(GgufType.Value type) throws IOException {
    long at = in.position();
    String what = "the value";
    return switch (type) {
      case UINT8 -> entry(type, at, (long) in.u8(what));
      case INT8 -> entry(type, at, (long) (byte) in.u8(what));
      case UINT16 -> entry(type, at, (long) in.u16(what));
      case INT16 -> entry(type, at, (long) (short) in.u16(what));
      case UINT32 -> entry(type, at, in.u32(what));
      case INT32 -> entry(type, at, (long) in.i32(what));
      case UINT64 -> entry(type, at, in.u64(what));
      case INT64 -> entry(type, at, in.i64(what));
      case FLOAT32 -> entry(type, at, (double) Float.intBitsToFloat(in.i32(what)));
      case FLOAT64 -> entry(type, at, Double.longBitsToDouble(in.i64(what)));
      case BOOL -> entry(type, at, truth());
      case STRING -> string();
      case ARRAY -> array();
    };
  }

  private static Entry entry(GgufType.Value type, long offset, Object value) {
    return new Entry(type, false, 1, offset, value);
  }

  private boolean truth() throws IOException {
    int value = in.u8("the value");
    if (value > 1) {
      throw in.invalid(in.subject() + " is a truth value of " + value + ", expected 0 or 1");
    }
    return value == 1;
  }

  private Entry string() throws IOException {
    long length = in.u64("the length");
    in.require(length, "the value");
    long at = in.position();
    if (length > MAX_KEPT_STRING || length > MAX_KEPT_TOGETHER - keptBytes) {
      in.skip(length, "the value");
      return new Entry(GgufType.Value.STRING, false, length, at, null);
    }
    keptBytes += (int) length;
    return new Entry(GgufType.Value.STRING, false, length, at, in.utf8((int) length, "the value"));
  }

  private Entry array() throws IOException {
    GgufType.Value type = type();
    long count = in.u64("the count");
    long at = in.position();
    skipElements(type, count, 1);
    return new Entry(type, true, count, at, null);
  }

  /** Every element is looked at as far as it takes to find the next. */
  private void skipElements(GgufType.Value type, long count, int depth) throws IOException {
    if (count > in.remaining() / type.minBytes) {
      throw in.invalid(
          in.subject()
              + " is an array of "
              + count
              + " elements of "
              + type.name().toLowerCase(Locale.ROOT)
              + ", but only "
              + in.remaining()
              + " bytes follow: the file is cut");
    }
    boolean oneByOne =
        switch (type) {
          case STRING, ARRAY, BOOL -> true;
          default -> false;
        };
    elements += oneByOne ? count : 0;
    if (elements > MAX_ELEMENTS) {
      throw new UnsupportedCheckpointException(
          in.name()
              + ": "
              + in.subject()
              + " has "
              + count
              + " elements, supported are "
              + MAX_ELEMENTS
              + " in all arrays together");
    }
    switch (type) {
      case STRING -> {
        for (long i = 0; i < count; i++) {
          in.skip(in.u64("the length of a string"), "a string");
        }
      }
      case ARRAY -> {
        if (depth == MAX_NESTING) {
          throw in.invalid(in.subject() + " nests arrays past " + MAX_NESTING + " levels");
        }
        for (long i = 0; i < count; i++) {
          GgufType.Value inner = type();
          skipElements(inner, in.u64("the count of an array"), depth + 1);
        }
      }
      case BOOL -> {
        for (long i = 0; i < count; i++) {
          truth();
        }
      }
      default -> in.skip(count * type.minBytes, "the value");
    }
  }

  private static long alignment(GgufMetadata metadata) throws IOException {
    long alignment = metadata.integer(ALIGNMENT, DEFAULT_ALIGNMENT, 0, 0xffff_ffffL);
    if (Long.bitCount(alignment) != 1) {
      throw metadata.invalid(ALIGNMENT, "is " + alignment + ", expected a power of two");
    }
    return alignment;
  }

  /** A tensor whose offset counts from the start of the data, which is not known yet. */
  private record Unplaced(String name, DType dtype, List<Long> shape, long bytes, long offset) {}

  private Unplaced tensor() throws IOException {
    in.begin("", "");
    String name = text("the name of a tensor", MAX_NAME_BYTES);
    in.begin("tensor", name);
    long dimensions = in.u32("the number of dimensions");
    if (dimensions > MAX_DIMENSIONS) {
      throw in.invalid(
          in.subject() + " has " + dimensions + " dimensions, expected at most " + MAX_DIMENSIONS);
    }
    List<Long> shape = new ArrayList<>(4);
    for (int i = 0; i < dimensions; i++) {
      long size = in.i64("a dimension");
      if (size < 0) {
        throw in.invalid(in.subject() + " has a dimension of " + Long.toUnsignedString(size));
      }
      // Stored from the innermost out; ours go from the outermost in.
      shape.addFirst(size);
    }
    DType dtype = dtype(in.i32("the type"));
    long row = shape.isEmpty() ? 1 : shape.getLast();
    if (row % dtype.blockSize() != 0) {
      throw in.invalid(
          in.subject()
              + " has rows of "
              + row
              + " elements, expected a multiple of "
              + dtype.blockSize()
              + " for "
              + dtype);
    }
    long bytes;
    try {
      bytes = dtype.bytes(TensorInfo.elements(shape));
    } catch (ArithmeticException e) {
      throw new MalformedCheckpointException(
          in.name()
              + ": "
              + in.subject()
              + " has shape "
              + shape
              + ", whose size passes 2^63 bytes",
          e);
    }
    return new Unplaced(name, dtype, List.copyOf(shape), bytes, in.u64("the offset"));
  }

  private DType dtype(int number) throws IOException {
    DType dtype = GgufType.dtype(number);
    if (dtype == null) {
      throw new UnsupportedCheckpointException(
          in.name()
              + ": "
              + in.subject()
              + " has type "
              + Integer.toUnsignedString(number)
              + " ("
              + GgufType.nameOf(number)
              + "), supported are "
              + GgufType.SUPPORTED);
    }
    return dtype;
  }

  private SequencedMap<String, TensorInfo> place(List<Unplaced> unplaced, long alignment)
      throws IOException {
    // Without tensors there need not be padding either.
    long dataStart = unplaced.isEmpty() ? in.position() : aligned(in.position(), alignment);
    SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
    for (Unplaced tensor : unplaced) {
      if (tensor.offset() % alignment != 0) {
        throw new MalformedCheckpointException(
            place(tensor)
                + " begins at byte "
                + tensor.offset()
                + " of the data, expected a multiple of "
                + alignment);
      }
      long dataBytes = Math.max(0, in.size() - dataStart);
      if (tensor.offset() > dataBytes || tensor.bytes() > dataBytes - tensor.offset()) {
        throw new MalformedCheckpointException(
            place(tensor)
                + " has "
                + tensor.bytes()
                + " bytes from byte "
                + tensor.offset()
                + " of the data, of which there are "
                + dataBytes
                + ": the file is cut, download it again");
      }
      TensorInfo info =
          new TensorInfo(
              tensor.name(),
              tensor.dtype(),
              tensor.shape(),
              file,
              dataStart + tensor.offset(),
              tensor.bytes());
      if (tensors.putIfAbsent(tensor.name(), info) != null) {
        throw new MalformedCheckpointException(place(tensor) + " is listed twice");
      }
    }
    requireCover(tensors, dataStart, alignment);
    return tensors;
  }

  private String place(Unplaced tensor) {
    return in.name() + ": tensor " + Quoted.of(tensor.name());
  }

  /** Between two tensors, and at the end, there is padding up to the alignment at most. */
  private void requireCover(
      SequencedMap<String, TensorInfo> tensors, long dataStart, long alignment)
      throws MalformedCheckpointException {
    List<TensorInfo> sorted = new ArrayList<>(tensors.values());
    sorted.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
    long covered = dataStart;
    String previous = "";
    for (TensorInfo tensor : sorted) {
      if (tensor.offset() < covered) {
        throw new MalformedCheckpointException(
            in.name()
                + ": tensors "
                + Quoted.of(previous)
                + " and "
                + Quoted.of(tensor.name())
                + " overlap at byte "
                + (tensor.offset() - dataStart)
                + " of the data");
      }
      requirePadding(covered, tensor.offset(), dataStart, alignment);
      covered = tensor.offset() + tensor.bytes();
      previous = tensor.name();
    }
    requirePadding(covered, in.size(), dataStart, alignment);
  }

  private void requirePadding(long from, long to, long dataStart, long alignment)
      throws MalformedCheckpointException {
    if (to - from >= alignment) {
      throw new MalformedCheckpointException(
          in.name()
              + ": bytes "
              + (from - dataStart)
              + " to "
              + (to - dataStart)
              + " of the data belong to no tensor");
    }
  }

  /** No overflow: a position is within a file, an alignment below 2^32. */
  private static long aligned(long position, long alignment) {
    return position + alignment - 1 & -alignment;
  }
}
