package dev.lanewise.bench.peers.gguf;

import dev.lanewise.bench.peers.Content;
import dev.lanewise.bench.peers.FloatSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How a tensor's values are stored. The block types round as ggml's reference does: rows of a
 * multiple of 32 values, each block of 32 with its own scale in float16.
 */
public enum GgufType {
  /** Four bytes a value. */
  F32(0, 0, 1, Float.BYTES) {
    @Override
    void encode(float[] values, int from, ByteBuffer out) {
      out.putFloat(values[from]);
    }
  },
  /** Two bytes a value. */
  F16(1, 1, 1, Short.BYTES) {
    @Override
    void encode(float[] values, int from, ByteBuffer out) {
      out.putShort(Float.floatToFloat16(values[from]));
    }
  },
  /** A byte a value: {@code d q}. */
  Q8_0(8, 7, 32, 34) {
    @Override
    void encode(float[] values, int from, ByteBuffer out) {
      float scale = Math.abs(largest(values, from)) / 127;
      float inverse = scale == 0 ? 0 : 1 / scale;
      out.putShort(Float.floatToFloat16(scale));
      for (int i = 0; i < 32; i++) {
        float level = values[from + i] * inverse;
        out.put((byte) (level < 0 ? -(int) (0.5f - level) : (int) (level + 0.5f)));
      }
    }
  },
  /** Four bits a value: {@code d (q - 8)}; a byte has value {@code i} low, {@code i + 16} high. */
  Q4_0(2, 2, 32, 18) {
    @Override
    void encode(float[] values, int from, ByteBuffer out) {
      float scale = largest(values, from) / -8;
      float inverse = scale == 0 ? 0 : 1 / scale;
      out.putShort(Float.floatToFloat16(scale));
      for (int i = 0; i < 16; i++) {
        int low = Math.min(15, (int) (values[from + i] * inverse + 8.5f));
        int high = Math.min(15, (int) (values[from + i + 16] * inverse + 8.5f));
        out.put((byte) (low | (high << 4)));
      }
    }
  };

  private final int number;
  private final int fileType;
  private final int block;
  private final int blockBytes;

  GgufType(int number, int fileType, int block, int blockBytes) {
    this.number = number;
    this.fileType = fileType;
    this.block = block;
    this.blockBytes = blockBytes;
  }

  /** Number of the type in a tensor's entry. */
  int number() {
    return number;
  }

  /** Number of a file whose matrices have this type. */
  int fileType() {
    return fileType;
  }

  /** Writes one block. */
  abstract void encode(float[] values, int from, ByteBuffer out);

  /** The value of the largest magnitude in a block of 32, with its sign. */
  private static float largest(float[] values, int from) {
    float largest = 0;
    for (int i = from; i < from + 32; i++) {
      if (Math.abs(values[i]) > Math.abs(largest)) {
        largest = values[i];
      }
    }
    return largest;
  }

  /** {@code count} values in this type. */
  Content content(long count, FloatSource values) {
    if (count % block != 0) {
      throw new IllegalArgumentException(count + " values are no multiple of " + block);
    }
    return new Content() {
      @Override
      public long length() {
        return count / block * blockBytes;
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        float[] floats = values.load();
        if (floats.length != count) {
          throw new IllegalArgumentException(floats.length + " values, expected " + count);
        }
        ByteBuffer bytes = ByteBuffer.allocate(blockBytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < floats.length; from += block) {
          encode(floats, from, bytes.clear());
          out.write(bytes.array());
        }
      }
    };
  }
}
