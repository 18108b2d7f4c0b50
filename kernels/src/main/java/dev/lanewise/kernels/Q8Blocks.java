package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Blocks of {@link DType#Q8_0}, 34 bytes for 32 values: an F16 scale d, then 32 signed bytes q.
 *
 * <p>{@code value[i] = q[i] * d}, one rounding, as ggml's {@code dequantize_row_q8_0}.
 */
public final class Q8Blocks {

  private static final ValueLayout.OfShort F16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int SIZE = DType.Q8_0.blockSize();

  private Q8Blocks() {}

  /**
   * Decodes the block at byte {@code offset}.
   *
   * @param values receives 32 values from index 0
   */
  public static void decode(MemorySegment blocks, long offset, float[] values) {
    float scale = Float.float16ToFloat(blocks.get(F16, offset));
    for (int i = 0; i < SIZE; i++) {
      values[i] = blocks.get(ValueLayout.JAVA_BYTE, offset + 2 + i) * scale;
    }
  }

  /**
   * Rounds 32 values as ggml's {@code quantize_row_q8_0_ref}: d is the largest magnitude / 127.
   *
   * @param q receives 32 numbers from -127 to 127
   * @return the scale, an F16
   * @throws IllegalArgumentException if an F16 can't hold the scale
   */
  static short encode(float[] values, byte[] q) {
    float largest = 0;
    for (int i = 0; i < SIZE; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    float scale = largest / Byte.MAX_VALUE;
    round(values, scale, q);
    return F16Scale.of(scale);
  }

  /** q = value / scale, halves away from zero. */
  static void round(float[] values, float scale, byte[] q) {
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int i = 0; i < q.length; i++) {
      double exact = values[i] * inverse; // a float: half of it added is exact as a double
      int rounded = (int) (exact + Math.copySign(0.5, exact));
      q[i] = (byte) Math.clamp(rounded, -Byte.MAX_VALUE, Byte.MAX_VALUE);
    }
  }

  /**
   * Rounds 32 values to the block at byte {@code offset}.
   *
   * @throws IllegalArgumentException if an F16 can't hold the scale
   */
  public static void encode(float[] values, MemorySegment blocks, long offset) {
    byte[] q = new byte[SIZE];
    blocks.set(F16, offset, encode(values, q));
    MemorySegment.copy(q, 0, blocks, ValueLayout.JAVA_BYTE, offset + Short.BYTES, SIZE);
  }
}
