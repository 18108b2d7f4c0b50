package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
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
 * <p>By two vectors: 16 sums, 2 weights and a broadcast. 8x3 is 2 percent faster in the cache, but
 * C1 runs out of virtual registers on its 83 calls of the Vector API when it compiles with a
 * profile. If the method was compiled with less profiling before, because the queue was long, it
 * then stays there for ever, and every vector is boxed: 556 MB a forward pass in one of five fresh
 * JVMs. The calls stand here one by one because C2 boxes every vector once a helper around a load
 * is not inlined.
 */
final class MultiplyEightRows {

  private MultiplyEightRows() {}

  /** Two vectors of columns. */
  static void byTwo(
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
    FloatVector s40 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 4 * startStride, LE);
    FloatVector s41 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 4 * startStride + BYTES, LE);
    FloatVector s50 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 5 * startStride, LE);
    FloatVector s51 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 5 * startStride + BYTES, LE);
    FloatVector s60 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 6 * startStride, LE);
    FloatVector s61 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 6 * startStride + BYTES, LE);
    FloatVector s70 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 7 * startStride, LE);
    FloatVector s71 =
        FloatVector.fromMemorySegment(FLOATS, start, startOffset + 7 * startStride + BYTES, LE);
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + BYTES, LE);
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k * 8]);
      s00 = w0.fma(a, s00);
      s01 = w1.fma(a, s01);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 1]);
      s10 = w0.fma(a, s10);
      s11 = w1.fma(a, s11);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 2]);
      s20 = w0.fma(a, s20);
      s21 = w1.fma(a, s21);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 3]);
      s30 = w0.fma(a, s30);
      s31 = w1.fma(a, s31);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 4]);
      s40 = w0.fma(a, s40);
      s41 = w1.fma(a, s41);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 5]);
      s50 = w0.fma(a, s50);
      s51 = w1.fma(a, s51);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 6]);
      s60 = w0.fma(a, s60);
      s61 = w1.fma(a, s61);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 7]);
      s70 = w0.fma(a, s70);
      s71 = w1.fma(a, s71);
    }
    s00.intoMemorySegment(y, yOffset, LE);
    s01.intoMemorySegment(y, yOffset + BYTES, LE);
    s10.intoMemorySegment(y, yOffset + yStride, LE);
    s11.intoMemorySegment(y, yOffset + yStride + BYTES, LE);
    s20.intoMemorySegment(y, yOffset + 2 * yStride, LE);
    s21.intoMemorySegment(y, yOffset + 2 * yStride + BYTES, LE);
    s30.intoMemorySegment(y, yOffset + 3 * yStride, LE);
    s31.intoMemorySegment(y, yOffset + 3 * yStride + BYTES, LE);
    s40.intoMemorySegment(y, yOffset + 4 * yStride, LE);
    s41.intoMemorySegment(y, yOffset + 4 * yStride + BYTES, LE);
    s50.intoMemorySegment(y, yOffset + 5 * yStride, LE);
    s51.intoMemorySegment(y, yOffset + 5 * yStride + BYTES, LE);
    s60.intoMemorySegment(y, yOffset + 6 * yStride, LE);
    s61.intoMemorySegment(y, yOffset + 6 * yStride + BYTES, LE);
    s70.intoMemorySegment(y, yOffset + 7 * yStride, LE);
    s71.intoMemorySegment(y, yOffset + 7 * yStride + BYTES, LE);
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
      s00 = w0.fma(a, s00);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 1]);
      s10 = w0.fma(a, s10);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 2]);
      s20 = w0.fma(a, s20);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 3]);
      s30 = w0.fma(a, s30);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 4]);
      s40 = w0.fma(a, s40);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 5]);
      s50 = w0.fma(a, s50);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 6]);
      s60 = w0.fma(a, s60);
      a = FloatVector.broadcast(FLOATS, x[at + k * 8 + 7]);
      s70 = w0.fma(a, s70);
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
