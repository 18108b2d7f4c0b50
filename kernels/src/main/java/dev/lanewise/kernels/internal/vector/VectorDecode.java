package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.INTS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.SmallWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Blocks of a panel of {@link SmallWeights} to a tile of float32 {@code (inputs, 32)}.
 *
 * <p>No conversion is needed: 8 or 4 bits are shifted to the top of the fraction of 1.0, which
 * gives 1 + q / 256 or 1 + q / 16, exactly; times the scale times 256 or 16, less 1.5 times that,
 * is the weight with the one rounding of its definition: 1.5 times a scale is exact, as it has few
 * enough bits. A zero is positive. An F16 is moved to its place in a float, whose exponent is then
 * too small by 112.
 */
final class VectorDecode {

  /** Bytes from one step of inputs to the next. */
  static final int STEP = Matrix.PANEL * Integer.BYTES;

  /** Bits of 1.0f. */
  static final int ONE = 0x3f80_0000;

  static final int TOP_BYTE = 0x007f_8000;
  static final int TOP_NIBBLE = 0x0078_0000;
  static final int F16_BITS = 0x8fff_e000;
  static final float F16_EXPONENT = 0x1p112f;

  /** Bytes of the scales of a block. */
  static final int SCALES = Matrix.PANEL * Short.BYTES;

  private static final int PANEL = Matrix.PANEL;
  private static final long ROW = (long) PANEL * Float.BYTES;
  private static final int BLOCK = SmallWeights.BLOCK;

  /** Bytes of a cache line. */
  private static final long LINE = 64;

  private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED;

  private VectorDecode() {}

  /**
   * Decodes whole blocks.
   *
   * @param head offset of their panel
   * @param block offset of the first
   * @param scratch whose tile receives {@code (32 blocks, 32)} floats at {@code offset}
   */
  static void decode(
      Matrix w, long head, long block, int blocks, VectorScratch scratch, long offset) {
    MemorySegment s = w.segment();
    MemorySegment tile = scratch.tile();
    scratch.keep(touch(s, block, block + (long) blocks * SmallWeights.blockBytes(w.type())));
    for (int i = 0; i < PANEL; i += 2 * L) {
      long column = (long) i * Float.BYTES;
      long p = block + column;
      long t = offset + column;
      switch (w.type()) {
        case F16 -> f16(s, p, STEP, blocks, tile, t);
        case BF16 -> bf16(s, p, STEP, blocks, tile, t);
        case I8_SCALED -> i8(s, p, STEP, blocks, s, head + column, tile, t);
        case I8A8 -> i8(s, p, STEP, blocks, VectorRoundedMatmul.ONES, 0, tile, t);
        case Q8_0 -> q8(s, p, STEP, blocks, block, i, tile, t);
        default -> q4(s, p, STEP, blocks, block, i, tile, t);
      }
    }
  }

  /**
   * Reads a word of each cache line, so that memory is read by loads that nothing waits for. In the
   * loops below a processor looks some ten lines ahead at most, because of all the instructions
   * between; they read 8 GB/s where this reads 20. A third less time for 8 bits a weight.
   */
  private static int touch(MemorySegment s, long from, long to) {
    int word = 0;
    for (long p = from; p < to; p += LINE) {
      word ^= s.get(WORD, p);
    }
    return word;
  }

  /** Where the scale of output i is among those of its block, in bytes. */
  static long scaleOffset(int i) {
    return (long) (i % (PANEL / 2)) * Integer.BYTES;
  }

  /** How far to the left it has to be moved in its int. */
  static int scaleShift(int i) {
    return i < PANEL / 2 ? Short.SIZE : 0;
  }

  private static void f16(
      MemorySegment w, long p, long step, int blocks, MemorySegment tile, long t) {
    for (long end = p + (long) blocks * (BLOCK / 2) * step; p < end; p += step, t += 2 * ROW) {
      IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
      IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
      v0.lanewise(VectorOperators.LSHL, 16)
          .lanewise(VectorOperators.ASHR, 3)
          .and(F16_BITS)
          .reinterpretAsFloats()
          .mul(F16_EXPONENT)
          .intoMemorySegment(tile, t, LE);
      v1.lanewise(VectorOperators.LSHL, 16)
          .lanewise(VectorOperators.ASHR, 3)
          .and(F16_BITS)
          .reinterpretAsFloats()
          .mul(F16_EXPONENT)
          .intoMemorySegment(tile, t + BYTES, LE);
      v0.lanewise(VectorOperators.ASHR, 3)
          .and(F16_BITS)
          .reinterpretAsFloats()
          .mul(F16_EXPONENT)
          .intoMemorySegment(tile, t + ROW, LE);
      v1.lanewise(VectorOperators.ASHR, 3)
          .and(F16_BITS)
          .reinterpretAsFloats()
          .mul(F16_EXPONENT)
          .intoMemorySegment(tile, t + ROW + BYTES, LE);
    }
  }

  private static void bf16(
      MemorySegment w, long p, long step, int blocks, MemorySegment tile, long t) {
    for (long end = p + (long) blocks * (BLOCK / 2) * step; p < end; p += step, t += 2 * ROW) {
      IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
      IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
      v0.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(tile, t, LE);
      v1.lanewise(VectorOperators.LSHL, 16).intoMemorySegment(tile, t + BYTES, LE);
      v0.and(0xffff_0000).intoMemorySegment(tile, t + ROW, LE);
      v1.and(0xffff_0000).intoMemorySegment(tile, t + ROW + BYTES, LE);
    }
  }

  private static void i8(
      MemorySegment w,
      long p,
      long step,
      int blocks,
      MemorySegment scales,
      long scale,
      MemorySegment tile,
      long t) {
    FloatVector d0 = FloatVector.fromMemorySegment(FLOATS, scales, scale, LE).mul(256f);
    FloatVector d1 = FloatVector.fromMemorySegment(FLOATS, scales, scale + BYTES, LE).mul(256f);
    FloatVector u;
    for (long end = p + (long) blocks * (BLOCK / 4) * step; p < end; p += step, t += 4 * ROW) {
      IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
      IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
      u = v0.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d0);
      u.intoMemorySegment(tile, t, LE);
      u = v1.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d1);
      u.intoMemorySegment(tile, t + BYTES, LE);
      u = v0.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d0);
      u.intoMemorySegment(tile, t + ROW, LE);
      u = v1.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d1);
      u.intoMemorySegment(tile, t + ROW + BYTES, LE);
      u = v0.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d0);
      u.intoMemorySegment(tile, t + 2 * ROW, LE);
      u = v1.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d1);
      u.intoMemorySegment(tile, t + 2 * ROW + BYTES, LE);
      u = v0.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d0);
      u.intoMemorySegment(tile, t + 3 * ROW, LE);
      u = v1.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = u.sub(1.5f).mul(d1);
      u.intoMemorySegment(tile, t + 3 * ROW + BYTES, LE);
    }
  }

  private static void q8(
      MemorySegment w,
      long p,
      long step,
      int blocks,
      long block,
      int i,
      MemorySegment tile,
      long t) {
    long scale0 = block + scaleOffset(i);
    long scale1 = block + scaleOffset(i + L);
    int shift0 = scaleShift(i);
    int shift1 = scaleShift(i + L);
    long blockStep = SCALES + BLOCK / 4 * step;
    for (int b = 0; b < blocks; b++, scale0 += blockStep, scale1 += blockStep) {
      FloatVector d0 =
          IntVector.fromMemorySegment(INTS, w, scale0, LE)
              .lanewise(VectorOperators.LSHL, shift0)
              .lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(256 * F16_EXPONENT);
      FloatVector d1 =
          IntVector.fromMemorySegment(INTS, w, scale1, LE)
              .lanewise(VectorOperators.LSHL, shift1)
              .lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(256 * F16_EXPONENT);
      FloatVector c0 = d0.mul(-1.5f);
      FloatVector c1 = d1.mul(-1.5f);
      FloatVector u;
      p += SCALES;
      for (long end = p + BLOCK / 4 * step; p < end; p += step, t += 4 * ROW) {
        IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
        IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
        u = v0.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d0).add(c0);
        u.intoMemorySegment(tile, t, LE);
        u = v1.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d1).add(c1);
        u.intoMemorySegment(tile, t + BYTES, LE);
        u = v0.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d0).add(c0);
        u.intoMemorySegment(tile, t + ROW, LE);
        u = v1.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d1).add(c1);
        u.intoMemorySegment(tile, t + ROW + BYTES, LE);
        u = v0.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d0).add(c0);
        u.intoMemorySegment(tile, t + 2 * ROW, LE);
        u = v1.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d1).add(c1);
        u.intoMemorySegment(tile, t + 2 * ROW + BYTES, LE);
        u = v0.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d0).add(c0);
        u.intoMemorySegment(tile, t + 3 * ROW, LE);
        u = v1.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = u.mul(d1).add(c1);
        u.intoMemorySegment(tile, t + 3 * ROW + BYTES, LE);
      }
    }
  }

  private static void q4(
      MemorySegment w,
      long p,
      long step,
      int blocks,
      long block,
      int i,
      MemorySegment tile,
      long t) {
    long scale0 = block + scaleOffset(i);
    long scale1 = block + scaleOffset(i + L);
    int shift0 = scaleShift(i);
    int shift1 = scaleShift(i + L);
    long blockStep = SCALES + BLOCK / 8 * step;
    for (int b = 0; b < blocks; b++, scale0 += blockStep, scale1 += blockStep) {
      FloatVector d0 =
          IntVector.fromMemorySegment(INTS, w, scale0, LE)
              .lanewise(VectorOperators.LSHL, shift0)
              .lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(16 * F16_EXPONENT);
      FloatVector d1 =
          IntVector.fromMemorySegment(INTS, w, scale1, LE)
              .lanewise(VectorOperators.LSHL, shift1)
              .lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(16 * F16_EXPONENT);
      FloatVector c0 = d0.mul(-1.5f);
      FloatVector c1 = d1.mul(-1.5f);
      FloatVector u;
      p += SCALES;
      for (long end = p + BLOCK / 8 * step; p < end; p += step) {
        IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
        IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
        for (int half = 0; half < 2; half++, t += 4 * ROW) {
          u = v0.lanewise(VectorOperators.LSHL, 19).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d0).add(c0);
          u.intoMemorySegment(tile, t, LE);
          u = v1.lanewise(VectorOperators.LSHL, 19).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d1).add(c1);
          u.intoMemorySegment(tile, t + BYTES, LE);
          u = v0.lanewise(VectorOperators.LSHL, 15).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d0).add(c0);
          u.intoMemorySegment(tile, t + ROW, LE);
          u = v1.lanewise(VectorOperators.LSHL, 15).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d1).add(c1);
          u.intoMemorySegment(tile, t + ROW + BYTES, LE);
          u = v0.lanewise(VectorOperators.LSHL, 11).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d0).add(c0);
          u.intoMemorySegment(tile, t + 2 * ROW, LE);
          u = v1.lanewise(VectorOperators.LSHL, 11).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d1).add(c1);
          u.intoMemorySegment(tile, t + 2 * ROW + BYTES, LE);
          u = v0.lanewise(VectorOperators.LSHL, 7).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d0).add(c0);
          u.intoMemorySegment(tile, t + 3 * ROW, LE);
          u = v1.lanewise(VectorOperators.LSHL, 7).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = u.mul(d1).add(c1);
          u.intoMemorySegment(tile, t + 3 * ROW + BYTES, LE);
          v0 = v0.lanewise(VectorOperators.LSHR, 16);
          v1 = v1.lanewise(VectorOperators.LSHR, 16);
        }
      }
    }
  }
}
