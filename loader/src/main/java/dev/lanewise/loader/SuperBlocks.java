package dev.lanewise.loader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * ggml's super-blocks of 256 values (the K-quants): groups of 16 or 32 values have scales of few
 * bits, which an F16 factor of the whole block multiplies. Each product and each difference is
 * rounded, as in ggml's {@code dequantize_row} without contraction.
 */
final class SuperBlocks {

  private static final int GROUP = 16;
  private static final int HALF = 128;

  private SuperBlocks() {}

  /** Some bits of the byte at a place. */
  private static int bits(MemorySegment blocks, long offset, int shift, int mask) {
    return blocks.get(JAVA_BYTE, offset) >> shift & mask;
  }

  /**
   * Q2_K, 84 bytes: 16 scales and minima of 4 bits, 64 bytes of 2-bit q, factors d and dmin; (d *
   * scale) * q - dmin * minimum.
   */
  static void q2(MemorySegment blocks, long offset, float[] values) {
    long quants = offset + 16;
    float d = SmallBlocks.f16(blocks, offset + 80);
    float dmin = SmallBlocks.f16(blocks, offset + 82);
    for (int group = 0; group < 16; group++) {
      float scale = d * bits(blocks, offset + group, 0, 0xf);
      float minimum = dmin * bits(blocks, offset + group, 4, 0xf);
      int first = group / 8 * 32 + group % 2 * GROUP;
      int shift = group % 8 / 2 * 2;
      for (int i = 0; i < GROUP; i++) {
        int q = bits(blocks, quants + first + i, shift, 3);
        values[group * GROUP + i] = scale * q - minimum;
      }
    }
  }

  /**
   * Q3_K, 110 bytes: 32 bytes of third bits, 64 bytes of 2-bit q, 16 scales of 6 bits in 12 bytes,
   * factor d; (d * (scale - 32)) * (q - 4), the 4 only where the third bit is off.
   */
  static void q3(MemorySegment blocks, long offset, float[] values) {
    long quants = offset + 32;
    long scales = offset + 96;
    float d = SmallBlocks.f16(blocks, offset + 108);
    for (int group = 0; group < 16; group++) {
      int low = bits(blocks, scales + group % 8, group / 8 * 4, 0xf);
      int high = bits(blocks, scales + 8 + group % 4, group / 4 * 2, 3);
      float scale = d * ((low | high << 4) - 32);
      int half = group % 2 * GROUP;
      int first = group / 8 * 32 + half;
      int shift = group % 8 / 2 * 2;
      for (int i = 0; i < GROUP; i++) {
        int third = bits(blocks, offset + half + i, group / 2, 1);
        int q = bits(blocks, quants + first + i, shift, 3) - (third == 1 ? 0 : 4);
        values[group * GROUP + i] = scale * q;
      }
    }
  }

  /**
   * Q4_K, 144 bytes: factors d and dmin, 8 scales and minima of 6 bits in 12 bytes, 128 bytes of
   * 4-bit q; (d * scale) * q - dmin * minimum.
   */
  static void q4(MemorySegment blocks, long offset, float[] values) {
    float d = SmallBlocks.f16(blocks, offset);
    float dmin = SmallBlocks.f16(blocks, offset + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale(blocks, offset + 4, group);
      float minimum = dmin * minimum(blocks, offset + 4, group);
      int first = 16 + group / 2 * 32;
      int shift = group % 2 * 4;
      for (int i = 0; i < 32; i++) {
        int q = bits(blocks, offset + first + i, shift, 0xf);
        values[group * 32 + i] = scale * q - minimum;
      }
    }
  }

  /** Q5_K, 176 bytes: as Q4_K, with 32 bytes of fifth bits before the quants. */
  static void q5(MemorySegment blocks, long offset, float[] values) {
    float d = SmallBlocks.f16(blocks, offset);
    float dmin = SmallBlocks.f16(blocks, offset + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale(blocks, offset + 4, group);
      float minimum = dmin * minimum(blocks, offset + 4, group);
      int first = 48 + group / 2 * 32;
      int shift = group % 2 * 4;
      for (int i = 0; i < 32; i++) {
        int fifth = bits(blocks, offset + 16 + i, group, 1);
        int q = bits(blocks, offset + first + i, shift, 0xf) | fifth << 4;
        values[group * 32 + i] = scale * q - minimum;
      }
    }
  }

  /**
   * Q6_K, 210 bytes: 128 bytes of low 4 bits, 64 bytes of high 2 bits, 16 scales of 8 bits, factor
   * d; (d * scale) * (q - 32).
   */
  static void q6(MemorySegment blocks, long offset, float[] values) {
    float d = SmallBlocks.f16(blocks, offset + 208);
    for (int group = 0; group < 16; group++) {
      float scale = d * blocks.get(JAVA_BYTE, offset + 192 + group);
      int half = group / 8;
      int quarter = group % 8 / 2;
      int low = half * 64 + quarter % 2 * 32 + group % 2 * GROUP;
      int high = 128 + half * 32 + group % 2 * GROUP;
      for (int i = 0; i < GROUP; i++) {
        int q =
            bits(blocks, offset + low + i, quarter / 2 * 4, 0xf)
                | bits(blocks, offset + high + i, quarter * 2, 3) << 4;
        values[half * HALF + group % 8 * GROUP + i] = scale * (q - 32);
      }
    }
  }

  /** The 6-bit scale of one of 8 groups. */
  private static int scale(MemorySegment blocks, long scales, int group) {
    return group < 4
        ? bits(blocks, scales + group, 0, 63)
        : bits(blocks, scales + group + 4, 0, 0xf) | bits(blocks, scales + group - 4, 6, 3) << 4;
  }

  /** The 6-bit minimum of one of 8 groups. */
  private static int minimum(MemorySegment blocks, long scales, int group) {
    return group < 4
        ? bits(blocks, scales + group + 4, 0, 63)
        : bits(blocks, scales + group + 4, 4, 0xf) | bits(blocks, scales + group, 6, 3) << 4;
  }
}
