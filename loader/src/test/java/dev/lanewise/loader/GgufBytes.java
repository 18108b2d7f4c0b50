package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes GGUF files, right and wrong ones. */
final class GgufBytes {

  /** What a tensor's entry says; the counts and sums need not be true. */
  record Entry(String name, long dimensions, List<Long> shape, int type, long offset) {}

  String magic = "GGUF";
  int version = 3;
  long alignment = 32;
  long extraTensors;
  long extraKeys;
  private final List<byte[]> keys = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  /** Little-endian bytes of numbers as wide as their types, strings with their length. */
  static byte[] bytes(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      switch (part) {
        case String text -> {
          byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
          out.writeBytes(bytes((long) utf8.length));
          out.writeBytes(utf8);
        }
        case byte[] raw -> out.writeBytes(raw);
        case Byte b -> out.write(b);
        case Short s -> out.writeBytes(order(2).putShort(s).array());
        case Integer i -> out.writeBytes(order(4).putInt(i).array());
        case Long l -> out.writeBytes(order(8).putLong(l).array());
        case Float f -> out.writeBytes(order(4).putFloat(f).array());
        case Double d -> out.writeBytes(order(8).putDouble(d).array());
        default -> throw new IllegalArgumentException(String.valueOf(part));
      }
    }
    return out.toByteArray();
  }

  private static ByteBuffer order(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Appends a key with the number of its type and what follows it. */
  GgufBytes key(String key, int type, Object... value) {
    keys.add(bytes(key, type, bytes(value)));
    return this;
  }

  GgufBytes text(String key, String value) {
    return key(key, 8, value);
  }

  GgufBytes number(String key, int value) {
    return key(key, 4, value);
  }

  GgufBytes texts(String key, String... values) {
    return key(key, 9, 8, (long) values.length, bytes((Object[]) values));
  }

  /** Appends whatever bytes where a key is expected. */
  GgufBytes rawKey(byte[] raw) {
    keys.add(raw);
    return this;
  }

  /** The keys that a GPT-2 of width 32 with one layer needs. */
  GgufBytes gpt2() {
    return text("general.architecture", "gpt2")
        .number("gpt2.context_length", 8)
        .number("gpt2.embedding_length", 32)
        .number("gpt2.block_count", 1)
        .number("gpt2.attention.head_count", 2)
        .key("gpt2.attention.layer_norm_epsilon", 6, 1e-5f);
  }

  /** Appends a tensor of zeros; the shape from the innermost dimension out, as it is stored. */
  GgufBytes tensor(String name, int type, long bytes, long... shape) {
    pad();
    entries.add(new Entry(name, shape.length, list(shape), type, data.size()));
    data.writeBytes(new byte[Math.toIntExact(bytes)]);
    return this;
  }

  static List<Long> list(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  /** Appends an entry without data. */
  GgufBytes entry(Entry entry) {
    entries.add(entry);
    return this;
  }

  GgufBytes data(int bytes) {
    data.writeBytes(new byte[bytes]);
    return this;
  }

  private void pad() {
    while (data.size() % alignment != 0) {
      data.write(0);
    }
  }

  byte[] header() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(magic.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(bytes(version, entries.size() + extraTensors, keys.size() + extraKeys));
    keys.forEach(out::writeBytes);
    for (Entry entry : entries) {
      out.writeBytes(bytes(entry.name(), (int) entry.dimensions()));
      entry.shape().forEach(size -> out.writeBytes(bytes(size)));
      out.writeBytes(bytes(entry.type(), entry.offset()));
    }
    return out.toByteArray();
  }

  byte[] file() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(header());
    if (!entries.isEmpty()) {
      while (out.size() % alignment != 0) {
        out.write(0);
      }
    }
    out.writeBytes(data.toByteArray());
    return out.toByteArray();
  }

  Path write(Path file) throws IOException {
    return Files.write(file, file());
  }
}
