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
}
