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
}
