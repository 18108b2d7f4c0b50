package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Four rows of x times columns of weights {@code (in, out)}: each sum starts from {@code start},
 * adds {@code x[k] * w[k]} for k = 0, 1, ... and is stored to {@code y}.
 *
 * <p>x: row i's k-th value is {@code x[at + k * stride + i]}. Offsets and strides of the others in
 * bytes: w from one k to the next, start and y from one row to the next. y may be start.
 *
 * <p>By two vectors: 8 sums, 2 weights and a broadcast of the 16 registers that a CPU without
 * AVX-512 has. There it does the eight-row panels too, in two halves.
 */
final class MultiplyFourRows {

  private MultiplyFourRows() {}

  /** Two vectors of columns. */
  static void byTwo(
      float[] x,
      int at,
      int stride,
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
    FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + startStride, LE);
    FloatVector s11 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + startStride + BYTES, LE);
    FloatVector s20 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * startStride, LE);
    FloatVector s21 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * startStride + BYTES, LE);
    FloatVector s30 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * startStride, LE);
    FloatVector s31 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * startStride + BYTES, LE);
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + BYTES, LE);
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k * stride]);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      s01 = FMA ? w1.fma(a, s01) : w1.mul(a).add(s01);
      a = FloatVector.broadcast(FLOATS, x[at + k * stride + 1]);
      s10 = FMA ? w0.fma(a, s10) : w0.mul(a).add(s10);
      s11 = FMA ? w1.fma(a, s11) : w1.mul(a).add(s11);
      a = FloatVector.broadcast(FLOATS, x[at + k * stride + 2]);
      s20 = FMA ? w0.fma(a, s20) : w0.mul(a).add(s20);
      s21 = FMA ? w1.fma(a, s21) : w1.mul(a).add(s21);
      a = FloatVector.broadcast(FLOATS, x[at + k * stride + 3]);
      s30 = FMA ? w0.fma(a, s30) : w0.mul(a).add(s30);
      s31 = FMA ? w1.fma(a, s31) : w1.mul(a).add(s31);
    }
    s00.intoMemorySegment(y, yOffset, LE);
    s01.intoMemorySegment(y, yOffset + BYTES, LE);
    s10.intoMemorySegment(y, yOffset + yStride, LE);
    s11.intoMemorySegment(y, yOffset + yStride + BYTES, LE);
    s20.intoMemorySegment(y, yOffset + 2 * yStride, LE);
    s21.intoMemorySegment(y, yOffset + 2 * yStride + BYTES, LE);
    s30.intoMemorySegment(y, yOffset + 3 * yStride, LE);
    s31.intoMemorySegment(y, yOffset + 3 * yStride + BYTES, LE);
  }

  /** One vector of columns. */
  static void byOne(
      float[] x,
      int at,
      int stride,
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
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k * stride]);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      a = FloatVector.broadcast(FLOATS, x[at + k * stride + 1]);
      s10 = FMA ? w0.fma(a, s10) : w0.mul(a).add(s10);
      a = FloatVector.broadcast(FLOATS, x[at + k * stride + 2]);
      s20 = FMA ? w0.fma(a, s20) : w0.mul(a).add(s20);
      a = FloatVector.broadcast(FLOATS, x[at + k * stride + 3]);
      s30 = FMA ? w0.fma(a, s30) : w0.mul(a).add(s30);
    }
    s00.intoMemorySegment(y, yOffset, LE);
    s10.intoMemorySegment(y, yOffset + yStride, LE);
    s20.intoMemorySegment(y, yOffset + 2 * yStride, LE);
    s30.intoMemorySegment(y, yOffset + 3 * yStride, LE);
  }
}
