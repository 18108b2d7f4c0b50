package dev.lanewise.bench.peers.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.bench.peers.Content;
import dev.lanewise.bench.peers.FloatSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A GGUF file, version 3, that is being put together; all numbers little-endian. Data is asked for
 * when the file is written.
 *
 * <p>Source: "GGUF", in the documentation of ggml.
 */
final class GgufWriter {

  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
  private final ByteArrayOutputStream tensors = new ByteArrayOutputStream();
  private final List<Content> data = new ArrayList<>();
  private long entries;
  private long offset;

  /** Adds metadata. */
  GgufWriter text(String key, String value) {
    key(key, STRING);
    string(metadata, value);
    return this;
  }

  /** Adds metadata. */
  GgufWriter integer(String key, int value) {
    key(key, UINT32);
    number(metadata, value, Integer.BYTES);
    return this;
  }

  /** Adds metadata. */
  GgufWriter real(String key, float value) {
    key(key, FLOAT32);
    number(metadata, Float.floatToRawIntBits(value), Float.BYTES);
    return this;
  }

  /** Adds metadata. */
  GgufWriter flag(String key, boolean value) {
    key(key, BOOL);
    metadata.write(value ? 1 : 0);
    return this;
  }

  /** Adds metadata. */
  GgufWriter texts(String key, List<String> values) {
    array(key, STRING, values.size());
    values.forEach(value -> string(metadata, value));
    return this;
  }

  /** Adds metadata. */
  GgufWriter integers(String key, int[] values) {
    array(key, INT32, values.length);
    for (int value : values) {
      number(metadata, value, Integer.BYTES);
    }
    return this;
  }

  private void array(String key, int type, int count) {
    key(key, ARRAY);
    number(metadata, type, Integer.BYTES);
    number(metadata, count, Long.BYTES);
  }

  private void key(String key, int type) {
    string(metadata, key);
    number(metadata, type, Integer.BYTES);
    entries++;
  }

  /**
   * Adds a tensor.
   *
   * @param shape sizes, that of a row last: the file has them the other way round
   */
  GgufWriter tensor(String name, GgufType type, FloatSource values, int... shape) {
    string(tensors, name);
    number(tensors, shape.length, Integer.BYTES);
    long count = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      number(tensors, shape[i], Long.BYTES);
      count = Math.multiplyExact(count, shape[i]);
    }
    number(tensors, type.number(), Integer.BYTES);
    number(tensors, offset, Long.BYTES);
    Content content = type.content(count, values);
    data.add(content);
    offset += content.length() + padding(content.length());
    return this;
  }

  /** The whole file. */
  void writeTo(OutputStream out) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes("GGUF".getBytes(UTF_8));
    number(header, VERSION, Integer.BYTES);
    number(header, data.size(), Long.BYTES);
    number(header, entries, Long.BYTES);
    metadata.writeTo(header);
    tensors.writeTo(header);
    header.writeBytes(new byte[padding(header.size())]);
    header.writeTo(out);
    for (Content content : data) {
      content.writeTo(out);
      out.write(new byte[padding(content.length())]);
    }
  }

  private static int padding(long length) {
    return Math.floorMod(-length, ALIGNMENT);
  }

  private static void string(ByteArrayOutputStream out, String value) {
    byte[] bytes = value.getBytes(UTF_8);
    number(out, bytes.length, Long.BYTES);
    out.writeBytes(bytes);
  }

  private static void number(ByteArrayOutputStream out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> (i * Byte.SIZE)));
    }
  }
}
