package dev.lanewise.bench.peers.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.bench.peers.Content;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A protobuf message that is being put together: fields in the order in which they are added. What
 * is large is asked for when the message is written, so that a file may be larger than memory.
 *
 * <p>Source: "Encoding", protobuf.dev.
 */
final class ProtoMessage implements Content {

  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FOUR_BYTES = 5;

  private final List<Content> parts = new ArrayList<>();
  private long length;

  /** An integer or enum. */
  ProtoMessage integer(int field, long value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    varint(bytes, ((long) field << 3) | VARINT);
    varint(bytes, value);
    return add(Content.of(bytes.toByteArray()));
  }

  /** A float. */
  ProtoMessage real(int field, float value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    varint(bytes, ((long) field << 3) | FOUR_BYTES);
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < Float.SIZE; shift += Byte.SIZE) {
      bytes.write(bits >>> shift);
    }
    return add(Content.of(bytes.toByteArray()));
  }

  /** A string. */
  ProtoMessage text(int field, String value) {
    return content(field, Content.of(value.getBytes(UTF_8)));
  }

  /** Bytes, or another message, which must be complete. */
  ProtoMessage content(int field, Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    varint(bytes, ((long) field << 3) | LENGTH_DELIMITED);
    varint(bytes, content.length());
    add(Content.of(bytes.toByteArray()));
    return add(content);
  }

  private ProtoMessage add(Content part) {
    parts.add(part);
    length += part.length();
    return this;
  }

  /** Seven bits a byte, the lowest first; the eighth says that more follow. */
  private static void varint(ByteArrayOutputStream bytes, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) rest | 0x80);
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    for (Content part : parts) {
      part.writeTo(out);
    }
  }
}
