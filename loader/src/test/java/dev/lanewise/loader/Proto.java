package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;

/** Writes messages of protocol buffers, broken ones too. */
final class Proto {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A number in groups of seven bits. */
  static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  Proto varint(int field, long value) {
    return tag(field, 0).raw(value);
  }

  Proto message(int field, byte[] message) {
    tag(field, 2).raw(message.length);
    return bytes(message);
  }

  Proto message(int field, Proto message) {
    return message(field, message.bytes());
  }

  Proto fixed32(int field, int value) {
    tag(field, 5);
    for (int i = 0; i < 4; i++) {
      out.write(value >>> (8 * i));
    }
    return this;
  }

  /** The number and type that begin a field. */
  Proto tag(int field, int type) {
    return raw(((long) field << 3) | type);
  }

  Proto raw(long varint) {
    varint(out, varint);
    return this;
  }

  Proto bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
