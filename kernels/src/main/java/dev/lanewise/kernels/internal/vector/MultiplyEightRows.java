package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Eight rows of x times columns of weights {@code (in, out)}: each sum starts from {@code start},
 * adds {@code x[k] * w[k]} for k = 0, 1, ... and is stored to {@code y}.
 *
 * <p>x: row i's k-th value is {@code x[at + k * 8 + i]}. Offsets and strides of the others in
 * bytes: w from one k to the next, start and y from one row to the next. y may be start.
 *
 * <p>By three vectors: 24 sums, 3 weights and a broadcast take 28 of 32 registers. The calls of the
 * Vector API stand here one by one because C2 boxes every vector once a helper around a load is not
 * inlined, and it stops inlining at about 18,000 nodes; the shapes 6x2 to 14x2, 4x4, 6x4 and 9x3
 * reach the same 95-99 percent of the peak, but 48 columns divide all shapes of GPT.
 */
final class MultiplyEightRows {

  private MultiplyEightRows() {}

  /** Three vectors of columns. */
  static void byThree(
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + BYTES, LE);
    FloatVector s02 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * BYTES, LE);
    FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + startStride, LE);
    FloatVector s11 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + startStride + BYTES, LE);
    FloatVector s12 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + startStride + 2 * BYTES, LE);
    FloatVector s20 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * startStride, LE);
    FloatVector s21 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * startStride + BYTES, LE);
    FloatVector s22 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * startStride + 2 * BYTES, LE);
    FloatVector s30 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * startStride, LE);
    FloatVector s31 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * startStride + BYTES, LE);
    FloatVector s32 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * startStride + 2 * BYTES, LE);
    FloatVector s40 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 4 * startStride, LE);
    FloatVector s41 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 4 * startStride + BYTES, LE);
    FloatVector s42 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 4 * startStride + 2 * BYTES, LE);
    FloatVector s50 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 5 * startStride, LE);
    FloatVector s51 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 5 * startStride + BYTES, LE);
    FloatVector s52 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 5 * startStride + 2 * BYTES, LE);
    FloatVector s60 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 6 * startStride, LE);
    FloatVector s61 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 6 * startStride + BYTES, LE);
    FloatVector s62 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 6 * startStride + 2 * BYTES, LE);
    FloatVector s70 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 7 * startStride, LE);
    FloatVector s71 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 7 * startStride + BYTES, LE);
    FloatVector s72 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 7 * startStride + 2 * BYTES, LE);
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + BYTES, LE);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, w, p + 2 * BYTES, LE);
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k * 8]);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      s01 = FMA ? w1.fma(a, s01) : w1.mul(a).add(s01);
      s02 = FMA ? w2.fma(a, s02) : w2.mul(a).add(s02);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 1]);
      s10 = FMA ? w0.fma(a, s10) : w0.mul(a).add(s10);
      s11 = FMA ? w1.fma(a, s11) : w1.mul(a).add(s11);
      s12 = FMA ? w2.fma(a, s12) : w2.mul(a).add(s12);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 2]);
      s20 = FMA ? w0.fma(a, s20) : w0.mul(a).add(s20);
      s21 = FMA ? w1.fma(a, s21) : w1.mul(a).add(s21);
      s22 = FMA ? w2.fma(a, s22) : w2.mul(a).add(s22);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 3]);
      s30 = FMA ? w0.fma(a, s30) : w0.mul(a).add(s30);
      s31 = FMA ? w1.fma(a, s31) : w1.mul(a).add(s31);
      s32 = FMA ? w2.fma(a, s32) : w2.mul(a).add(s32);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 4]);
      s40 = FMA ? w0.fma(a, s40) : w0.mul(a).add(s40);
      s41 = FMA ? w1.fma(a, s41) : w1.mul(a).add(s41);
      s42 = FMA ? w2.fma(a, s42) : w2.mul(a).add(s42);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 5]);
      s50 = FMA ? w0.fma(a, s50) : w0.mul(a).add(s50);
      s51 = FMA ? w1.fma(a, s51) : w1.mul(a).add(s51);
      s52 = FMA ? w2.fma(a, s52) : w2.mul(a).add(s52);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 6]);
      s60 = FMA ? w0.fma(a, s60) : w0.mul(a).add(s60);
      s61 = FMA ? w1.fma(a, s61) : w1.mul(a).add(s61);
      s62 = FMA ? w2.fma(a, s62) : w2.mul(a).add(s62);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 7]);
      s70 = FMA ? w0.fma(a, s70) : w0.mul(a).add(s70);
      s71 = FMA ? w1.fma(a, s71) : w1.mul(a).add(s71);
      s72 = FMA ? w2.fma(a, s72) : w2.mul(a).add(s72);
    }
    s00.intoMemorySegment(y, yOffset, LE);
    s01.intoMemorySegment(y, yOffset + BYTES, LE);
    s02.intoMemorySegment(y, yOffset + 2 * BYTES, LE);
    s10.intoMemorySegment(y, yOffset + yStride, LE);
    s11.intoMemorySegment(y, yOffset + yStride + BYTES, LE);
    s12.intoMemorySegment(y, yOffset + yStride + 2 * BYTES, LE);
    s20.intoMemorySegment(y, yOffset + 2 * yStride, LE);
    s21.intoMemorySegment(y, yOffset + 2 * yStride + BYTES, LE);
    s22.intoMemorySegment(y, yOffset + 2 * yStride + 2 * BYTES, LE);
    s30.intoMemorySegment(y, yOffset + 3 * yStride, LE);
    s31.intoMemorySegment(y, yOffset + 3 * yStride + BYTES, LE);
    s32.intoMemorySegment(y, yOffset + 3 * yStride + 2 * BYTES, LE);
    s40.intoMemorySegment(y, yOffset + 4 * yStride, LE);
    s41.intoMemorySegment(y, yOffset + 4 * yStride + BYTES, LE);
    s42.intoMemorySegment(y, yOffset + 4 * yStride + 2 * BYTES, LE);
    s50.intoMemorySegment(y, yOffset + 5 * yStride, LE);
    s51.intoMemorySegment(y, yOffset + 5 * yStride + BYTES, LE);
    s52.intoMemorySegment(y, yOffset + 5 * yStride + 2 * BYTES, LE);
    s60.intoMemorySegment(y, yOffset + 6 * yStride, LE);
    s61.intoMemorySegment(y, yOffset + 6 * yStride + BYTES, LE);
    s62.intoMemorySegment(y, yOffset + 6 * yStride + 2 * BYTES, LE);
    s70.intoMemorySegment(y, yOffset + 7 * yStride, LE);
    s71.intoMemorySegment(y, yOffset + 7 * yStride + BYTES, LE);
    s72.intoMemorySegment(y, yOffset + 7 * yStride + 2 * BYTES, LE);
  }

  /** One vector of columns. */
  static void byOne(
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + startStride, LE);
    FloatVector s20 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * startStride, LE);
    FloatVector s30 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * startStride, LE);
    FloatVector s40 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 4 * startStride, LE);
    FloatVector s50 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 5 * startStride, LE);
    FloatVector s60 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 6 * startStride, LE);
    FloatVector s70 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 7 * startStride, LE);
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k * 8]);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 1]);
      s10 = FMA ? w0.fma(a, s10) : w0.mul(a).add(s10);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 2]);
      s20 = FMA ? w0.fma(a, s20) : w0.mul(a).add(s20);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 3]);
      s30 = FMA ? w0.fma(a, s30) : w0.mul(a).add(s30);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 4]);
      s40 = FMA ? w0.fma(a, s40) : w0.mul(a).add(s40);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 5]);
      s50 = FMA ? w0.fma(a, s50) : w0.mul(a).add(s50);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 6]);
      s60 = FMA ? w0.fma(a, s60) : w0.mul(a).add(s60);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 7]);
      s70 = FMA ? w0.fma(a, s70) : w0.mul(a).add(s70);
    }
    s00.intoMemorySegment(y, yOffset, LE);
    s10.intoMemorySegment(y, yOffset + yStride, LE);
    s20.intoMemorySegment(y, yOffset + 2 * yStride, LE);
    s30.intoMemorySegment(y, yOffset + 3 * yStride, LE);
    s40.intoMemorySegment(y, yOffset + 4 * yStride, LE);
    s50.intoMemorySegment(y, yOffset + 5 * yStride, LE);
    s60.intoMemorySegment(y, yOffset + 6 * yStride, LE);
    s70.intoMemorySegment(y, yOffset + 7 * yStride, LE);
  }
}
