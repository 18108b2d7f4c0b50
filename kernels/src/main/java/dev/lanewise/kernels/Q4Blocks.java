package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Blocks of {@link DType#Q4_0}, 18 bytes for 32 values: an F16 scale d, then 16 bytes, whose low
 * halves are q[0] to q[15] and whose high halves are q[16] to q[31].
 *
 * <p>{@code value[i] = (q[i] - 8) * d}, one rounding, as ggml's {@code dequantize_row_q4_0}.
 */
public final class Q4Blocks {

  private static final ValueLayout.OfShort F16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int HALF = DType.Q4_0.blockSize() / 2;

  private Q4Blocks() {}

  /**
   * Decodes the block at byte {@code offset}.
   *
   * @param values receives 32 values from index 0
   */
  public static void decode(MemorySegment blocks, long offset, float[] values) {
    float scale = Float.float16ToFloat(blocks.get(F16, offset));
    for (int i = 0; i < HALF; i++) {
      int pair = blocks.get(ValueLayout.JAVA_BYTE, offset + 2 + i);
      values[i] = ((pair & 0xf) - 8) * scale;
      values[HALF + i] = ((pair >> 4 & 0xf) - 8) * scale;
    }
  }

  /**
   * Rounds 32 values as ggml's {@code quantize_row_q4_0_ref}: d is the value of largest magnitude /
   * -8.
   *
   * @param q receives 32 numbers from 0 to 15
   * @return the scale, an F16
   * @throws IllegalArgumentException if an F16 can't hold the scale
   */
  static short encode(float[] values, byte[] q) {
    float largest = 0;
    for (int i = 0; i < 2 * HALF; i++) {
      if (Math.abs(values[i]) > Math.abs(largest)) {
        largest = values[i];
      }
    }
    float scale = largest / -8;
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int i = 0; i < 2 * HALF; i++) {
      q[i] = (byte) Math.clamp((int) (values[i] * inverse + 8.5f), 0, 15);
    }
    return F16Scale.of(scale);
  }

  /**
   * Rounds 32 values to the block at byte {@code offset}.
   *
   * @throws IllegalArgumentException if an F16 can't hold the scale
   */
  public static void encode(float[] values, MemorySegment blocks, long offset) {
    byte[] q = new byte[2 * HALF];
    blocks.set(F16, offset, encode(values, q));
    for (int i = 0; i < HALF; i++) {
      byte pair = (byte) (q[i] | q[HALF + i] << 4);
      blocks.set(ValueLayout.JAVA_BYTE, offset + Short.BYTES + i, pair);
    }
  }
}
