package dev.lanewise.loader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * ggml's blocks of 32 values, beside Q8_0 and Q4_0 which are the kernels' own. Low halves of the 16
 * bytes hold values 0 to 15, high halves 16 to 31. Each product and each sum is rounded, as in
 * ggml's {@code dequantize_row} without contraction.
 */
final class SmallBlocks {

  private static final ValueLayout.OfShort F16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BITS_32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int HALF = 16;

  /** The values that IQ4_NL chooses from, times the scale. */
  private static final byte[] IQ4_NL = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private SmallBlocks() {}

  /** F16 at a place, as float32. */
  static float f16(MemorySegment blocks, long offset) {
    return Float.float16ToFloat(blocks.get(F16, offset));
  }

  /** Q4_1, 20 bytes: scale d, minimum m, 16 bytes; q * d + m. */
  static void q4With1(MemorySegment blocks, long offset, float[] values) {
    float scale = f16(blocks, offset);
    float minimum = f16(blocks, offset + 2);
    for (int i = 0; i < HALF; i++) {
      int pair = blocks.get(JAVA_BYTE, offset + 4 + i);
      values[i] = (pair & 0xf) * scale + minimum;
      values[HALF + i] = (pair >> 4 & 0xf) * scale + minimum;
    }
  }

  /** Q5_0, 22 bytes: scale d, 32 fifth bits, 16 bytes; (q - 16) * d. */
  static void q5With0(MemorySegment blocks, long offset, float[] values) {
    float scale = f16(blocks, offset);
    int fifth = blocks.get(BITS_32, offset + 2);
    for (int i = 0; i < HALF; i++) {
      int pair = blocks.get(JAVA_BYTE, offset + 6 + i);
      values[i] = (((pair & 0xf) | bit(fifth, i)) - 16) * scale;
      values[HALF + i] = (((pair >> 4 & 0xf) | bit(fifth, HALF + i)) - 16) * scale;
    }
  }

  /** Q5_1, 24 bytes: scale d, minimum m, 32 fifth bits, 16 bytes; q * d + m. */
  static void q5With1(MemorySegment blocks, long offset, float[] values) {
    float scale = f16(blocks, offset);
    float minimum = f16(blocks, offset + 2);
    int fifth = blocks.get(BITS_32, offset + 4);
    for (int i = 0; i < HALF; i++) {
      int pair = blocks.get(JAVA_BYTE, offset + 8 + i);
      values[i] = ((pair & 0xf) | bit(fifth, i)) * scale + minimum;
      values[HALF + i] = ((pair >> 4 & 0xf) | bit(fifth, HALF + i)) * scale + minimum;
    }
  }

  /** IQ4_NL, 18 bytes: scale d, 16 bytes of places in the table; table[q] * d. */
  static void iq4NonLinear(MemorySegment blocks, long offset, float[] values) {
    float scale = f16(blocks, offset);
    for (int i = 0; i < HALF; i++) {
      int pair = blocks.get(JAVA_BYTE, offset + 2 + i);
      values[i] = IQ4_NL[pair & 0xf] * scale;
      values[HALF + i] = IQ4_NL[pair >> 4 & 0xf] * scale;
    }
  }

  private static int bit(int fifth, int index) {
    return (fifth >>> index & 1) << 4;
  }
}
