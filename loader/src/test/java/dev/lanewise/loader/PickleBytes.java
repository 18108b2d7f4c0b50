package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes pickles as PyTorch does, broken ones too. */
final class PickleBytes {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** One that begins with protocol 2. */
  static PickleBytes start() {
    return new PickleBytes().op(0x80, 2);
  }

  PickleBytes op(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  /** Little-endian. */
  PickleBytes number(long value, int bytes) {
    TableBytes.number(out, value, bytes);
    return this;
  }

  PickleBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op('X').number(utf8.length, 4);
    out.writeBytes(utf8);
    return this;
  }

  PickleBytes latin(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  PickleBytes integer(long value) {
    return value == (int) value ? op('J').number(value, 4) : op(0x8a, 8).number(value, 8);
  }

  PickleBytes global(String module, String name) {
    return op('c').latin(module + "\n" + name + "\n");
  }

  PickleBytes integers(long... values) {
    op('(');
    for (long value : values) {
      integer(value);
    }
    return op('t');
  }

  /** A storage of the new form. */
  PickleBytes storage(String type, String key, long elements) {
    op('(').text("storage").global("torch", type).text(key).text("cpu").integer(elements);
    return op('t', 'Q');
  }

  /** A storage of the old form. */
  PickleBytes oldStorage(String type, String key, long elements) {
    op('(').text("storage").global("torch", type).text(key).text("cpu").integer(elements);
    return op('N', 't', 'Q');
  }

  /** A tensor of the storage that is written by the caller after {@link #begin}. */
  PickleBytes begin() {
    return global("torch._utils", "_rebuild_tensor_v2").op('(');
  }

  PickleBytes rest(long first, long[] shape, long[] strides) {
    integer(first).integers(shape).integers(strides).op(0x89);
    return global("collections", "OrderedDict").op(')', 'R', 't', 'R');
  }

  /** A tensor of floats that is a storage of its own. */
  PickleBytes floats(String key, long... shape) {
    long elements = 1;
    long[] strides = new long[shape.length];
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = elements;
      elements *= shape[i];
    }
    return begin().storage("FloatStorage", key, elements).rest(0, shape, strides);
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
