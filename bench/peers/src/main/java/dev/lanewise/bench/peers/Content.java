package dev.lanewise.bench.peers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Bytes whose number is known before they are. */
public interface Content {

  /** How many bytes there are. */
  long length();

  /** Writes exactly so many. */
  void writeTo(OutputStream out) throws IOException;

  /** These bytes. */
  static Content of(byte[] bytes) {
    return new Content() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
      }
    };
  }

  /** {@code count} floats, little-endian. */
  static Content floats(long count, FloatSource values) {
    return new Content() {
      @Override
      public long length() {
        return Float.BYTES * count;
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        float[] floats = values.load();
        if (floats.length != count) {
          throw new IllegalArgumentException(floats.length + " values, expected " + count);
        }
        int step = 1 << 16;
        ByteBuffer buffer = ByteBuffer.allocate(Float.BYTES * step).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < floats.length; from += step) {
          int size = Math.min(step, floats.length - from);
          buffer.asFloatBuffer().put(floats, from, size);
          out.write(buffer.array(), 0, Float.BYTES * size);
        }
      }
    };
  }
}
