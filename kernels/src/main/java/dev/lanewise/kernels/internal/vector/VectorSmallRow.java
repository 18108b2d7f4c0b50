package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.INTS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;
import static dev.lanewise.kernels.internal.vector.VectorDecode.F16_BITS;
import static dev.lanewise.kernels.internal.vector.VectorDecode.F16_EXPONENT;
import static dev.lanewise.kernels.internal.vector.VectorDecode.ONE;
import static dev.lanewise.kernels.internal.vector.VectorDecode.SCALES;
import static dev.lanewise.kernels.internal.vector.VectorDecode.STEP;
import static dev.lanewise.kernels.internal.vector.VectorDecode.TOP_BYTE;
import static dev.lanewise.kernels.internal.vector.VectorDecode.TOP_NIBBLE;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.SmallWeights;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One row of x times blocks of a panel of {@link SmallWeights}, for decoding: weights are decoded
 * as in {@link VectorDecode}, but used at once.
 *
 * <p>Two vectors of outputs at a time: with four the body is more than C2 inlines. The step between
 * the loads is a parameter for the reason given in {@link VectorMultiplyPanels}.
 */
final class VectorSmallRow {

  private static final int BLOCK = SmallWeights.BLOCK;

  private VectorSmallRow() {}

  /**
   * All 32 outputs of a panel: sums start from {@code start} and add all inputs.
   *
   * @param head offset of the panel
   * @param block offset of the first block
   * @param startMoves whether each output starts from a value of its own
   */
  static void multiply(
      float[] x,
      Matrix w,
      long head,
      long block,
      int blocks,
      MemorySegment start,
      long startOffset,
      boolean startMoves,
      MemorySegment y,
      long yOffset) {
    MemorySegment s = w.segment();
    for (int i = 0; i < Matrix.PANEL; i += 2 * L) {
      long at = (long) i * Float.BYTES;
      long p = block + at;
      long from = startMoves ? startOffset + at : startOffset;
      long to = yOffset + at;
      switch (w.type()) {
        case F16 -> f16(x, s, p, STEP, blocks, start, from, y, to);
        case BF16 -> bf16(x, s, p, STEP, blocks, start, from, y, to);
        case I8_SCALED -> i8(x, 0, s, p, STEP, blocks, s, head + at, start, from, y, to);
        case Q8_0 -> q8(x, s, p, STEP, blocks, block, i, start, from, y, to);
        default -> q4(x, s, p, STEP, blocks, block, i, start, from, y, to);
      }
    }
  }

  private static void f16(
      float[] x,
      MemorySegment w,
      long p,
      long step,
      int blocks,
      MemorySegment start,
      long startOffset,
      MemorySegment y,
      long yOffset) {
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + BYTES, LE);
    int k = 0;
    FloatVector a;
    FloatVector u;
    for (long end = p + (long) blocks * (BLOCK / 2) * step; p < end; p += step, k += 2) {
      IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
      IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
      a = FloatVector.broadcast(FLOATS, x[k]);
      u =
          v0.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(F16_EXPONENT);
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u =
          v1.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(F16_EXPONENT);
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
      a = FloatVector.broadcast(FLOATS, x[k + 1]);
      u =
          v0.lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(F16_EXPONENT);
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u =
          v1.lanewise(VectorOperators.ASHR, 3)
              .and(F16_BITS)
              .reinterpretAsFloats()
              .mul(F16_EXPONENT);
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
    }
    s0.intoMemorySegment(y, yOffset, LE);
    s1.intoMemorySegment(y, yOffset + BYTES, LE);
  }

  private static void bf16(
      float[] x,
      MemorySegment w,
      long p,
      long step,
      int blocks,
      MemorySegment start,
      long startOffset,
      MemorySegment y,
      long yOffset) {
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + BYTES, LE);
    int k = 0;
    FloatVector a;
    FloatVector u;
    for (long end = p + (long) blocks * (BLOCK / 2) * step; p < end; p += step, k += 2) {
      IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
      IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
      a = FloatVector.broadcast(FLOATS, x[k]);
      u = v0.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u = v1.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
      a = FloatVector.broadcast(FLOATS, x[k + 1]);
      u = v0.and(0xffff_0000).reinterpretAsFloats();
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u = v1.and(0xffff_0000).reinterpretAsFloats();
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
    }
    s0.intoMemorySegment(y, yOffset, LE);
    s1.intoMemorySegment(y, yOffset + BYTES, LE);
  }

  /**
   * The 32 sums of blocks of integers, from 0: of I8A8, exact for {@link
   * SmallWeights#EXACT_INPUTS}.
   *
   * @param k input of the first block
   */
  static void sumIntegers(
      float[] x, int k, MemorySegment w, long block, int blocks, MemorySegment sums) {
    for (int i = 0; i < Matrix.PANEL; i += 2 * L) {
      long at = (long) i * Float.BYTES;
      i8(
          x,
          k,
          w,
          block + at,
          STEP,
          blocks,
          VectorRoundedMatmul.ONES,
          0,
          Zeros.SEGMENT,
          0,
          sums,
          at);
    }
  }

  private static void i8(
      float[] x,
      int k,
      MemorySegment w,
      long p,
      long step,
      int blocks,
      MemorySegment scales,
      long scale,
      MemorySegment start,
      long startOffset,
      MemorySegment y,
      long yOffset) {
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + BYTES, LE);
    FloatVector a;
    FloatVector u;
    FloatVector d0 = FloatVector.fromMemorySegment(FLOATS, scales, scale, LE).mul(256f);
    FloatVector d1 = FloatVector.fromMemorySegment(FLOATS, scales, scale + BYTES, LE).mul(256f);
    FloatVector c0 = d0.mul(-1.5f);
    FloatVector c1 = d1.mul(-1.5f);
    for (long end = p + (long) blocks * (BLOCK / 4) * step; p < end; p += step, k += 4) {
      IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
      IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
      a = FloatVector.broadcast(FLOATS, x[k]);
      u = v0.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d0, c0) : u.sub(1.5f).mul(d0).add(0f);
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u = v1.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d1, c1) : u.sub(1.5f).mul(d1).add(0f);
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
      a = FloatVector.broadcast(FLOATS, x[k + 1]);
      u = v0.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d0, c0) : u.sub(1.5f).mul(d0).add(0f);
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u = v1.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d1, c1) : u.sub(1.5f).mul(d1).add(0f);
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
      a = FloatVector.broadcast(FLOATS, x[k + 2]);
      u = v0.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d0, c0) : u.sub(1.5f).mul(d0).add(0f);
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u = v1.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d1, c1) : u.sub(1.5f).mul(d1).add(0f);
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
      a = FloatVector.broadcast(FLOATS, x[k + 3]);
      u = v0.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d0, c0) : u.sub(1.5f).mul(d0).add(0f);
      s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
      u = v1.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
      u = FMA ? u.fma(d1, c1) : u.sub(1.5f).mul(d1).add(0f);
      s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
    }
    s0.intoMemorySegment(y, yOffset, LE);
    s1.intoMemorySegment(y, yOffset + BYTES, LE);
  }

  private static void q8(
      float[] x,
      MemorySegment w,
      long p,
      long step,
      int blocks,
      long block,
      int i,
      MemorySegment start,
      long startOffset,
      MemorySegment y,
      long yOffset) {
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + BYTES, LE);
    int k = 0;
    FloatVector a;
    FloatVector u;
    long scale0 = block + VectorDecode.scaleOffset(i);
    long scale1 = block + VectorDecode.scaleOffset(i + L);
    int shift0 = VectorDecode.scaleShift(i);
    int shift1 = VectorDecode.scaleShift(i + L);
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
      p += SCALES;
      for (long end = p + BLOCK / 4 * step; p < end; p += step, k += 4) {
        IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
        IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
        a = FloatVector.broadcast(FLOATS, x[k]);
        u = v0.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
        s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
        u = v1.lanewise(VectorOperators.LSHL, 15).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
        s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
        a = FloatVector.broadcast(FLOATS, x[k + 1]);
        u = v0.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
        s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
        u = v1.lanewise(VectorOperators.LSHL, 7).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
        s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
        a = FloatVector.broadcast(FLOATS, x[k + 2]);
        u = v0.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
        s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
        u = v1.lanewise(VectorOperators.LSHR, 1).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
        s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
        a = FloatVector.broadcast(FLOATS, x[k + 3]);
        u = v0.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
        s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
        u = v1.lanewise(VectorOperators.LSHR, 9).and(TOP_BYTE).or(ONE).reinterpretAsFloats();
        u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
        s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
      }
    }
    s0.intoMemorySegment(y, yOffset, LE);
    s1.intoMemorySegment(y, yOffset + BYTES, LE);
  }

  private static void q4(
      float[] x,
      MemorySegment w,
      long p,
      long step,
      int blocks,
      long block,
      int i,
      MemorySegment start,
      long startOffset,
      MemorySegment y,
      long yOffset) {
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + BYTES, LE);
    int k = 0;
    FloatVector a;
    FloatVector u;
    long scale0 = block + VectorDecode.scaleOffset(i);
    long scale1 = block + VectorDecode.scaleOffset(i + L);
    int shift0 = VectorDecode.scaleShift(i);
    int shift1 = VectorDecode.scaleShift(i + L);
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
      p += SCALES;
      for (long end = p + BLOCK / 8 * step; p < end; p += step) {
        IntVector v0 = IntVector.fromMemorySegment(INTS, w, p, LE);
        IntVector v1 = IntVector.fromMemorySegment(INTS, w, p + BYTES, LE);
        for (int half = 0; half < 2; half++, k += 4) {
          a = FloatVector.broadcast(FLOATS, x[k]);
          u = v0.lanewise(VectorOperators.LSHL, 19).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
          s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
          u = v1.lanewise(VectorOperators.LSHL, 19).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
          s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
          a = FloatVector.broadcast(FLOATS, x[k + 1]);
          u = v0.lanewise(VectorOperators.LSHL, 15).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
          s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
          u = v1.lanewise(VectorOperators.LSHL, 15).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
          s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
          a = FloatVector.broadcast(FLOATS, x[k + 2]);
          u = v0.lanewise(VectorOperators.LSHL, 11).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
          s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
          u = v1.lanewise(VectorOperators.LSHL, 11).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
          s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
          a = FloatVector.broadcast(FLOATS, x[k + 3]);
          u = v0.lanewise(VectorOperators.LSHL, 7).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d0, c0) : u.mul(d0).add(c0);
          s0 = FMA ? u.fma(a, s0) : u.mul(a).add(s0);
          u = v1.lanewise(VectorOperators.LSHL, 7).and(TOP_NIBBLE).or(ONE).reinterpretAsFloats();
          u = FMA ? u.fma(d1, c1) : u.mul(d1).add(c1);
          s1 = FMA ? u.fma(a, s1) : u.mul(a).add(s1);
          v0 = v0.lanewise(VectorOperators.LSHR, 16);
          v1 = v1.lanewise(VectorOperators.LSHR, 16);
        }
      }
    }
    s0.intoMemorySegment(y, yOffset, LE);
    s1.intoMemorySegment(y, yOffset + BYTES, LE);
  }
}
