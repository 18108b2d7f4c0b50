package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One row of x times weights {@code (in, out)}, for decoding: bound by the memory that weights are
 * read from. Eight rows of weights are swept across all columns, which makes eight sequential
 * streams, while y stays in L1. Each sum is one chain of additions in the order of k; the chains of
 * several columns overlap.
 */
final class VectorMultiplyRow {

  /** Rows of weights a sweep. */
  private static final int SWEEP = 8;

  private VectorMultiplyRow() {}

  /**
   * y[n] += x[k] * w[k][n] for k = 0 .. in - 1.
   *
   * @param wOffset of the first column's first row
   * @param columns a multiple of the vector length
   */
  static void accumulate(
      float[] x,
      int in,
      MemorySegment w,
      long wOffset,
      long wStride,
      MemorySegment y,
      long yOffset,
      int columns) {
    long end = yOffset + (long) columns * Float.BYTES;
    int k = 0;
    for (; k + SWEEP <= in; k += SWEEP) {
      sweep(x, k, w, wOffset + k * wStride, wStride, y, yOffset, end);
    }
    for (; k < in; k++) {
      one(x[k], w, wOffset + k * wStride, y, yOffset, end);
    }
  }

  private static void sweep(
      float[] x, int k, MemorySegment w, long wOffset, long s, MemorySegment y, long at, long end) {
    FloatVector x0 = FloatVector.broadcast(FLOATS, x[k]);
    FloatVector x1 = FloatVector.broadcast(FLOATS, x[k + 1]);
    FloatVector x2 = FloatVector.broadcast(FLOATS, x[k + 2]);
    FloatVector x3 = FloatVector.broadcast(FLOATS, x[k + 3]);
    FloatVector x4 = FloatVector.broadcast(FLOATS, x[k + 4]);
    FloatVector x5 = FloatVector.broadcast(FLOATS, x[k + 5]);
    FloatVector x6 = FloatVector.broadcast(FLOATS, x[k + 6]);
    FloatVector x7 = FloatVector.broadcast(FLOATS, x[k + 7]);
    for (long p = wOffset; at < end; at += BYTES, p += BYTES) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      sum = FMA ? v.fma(x0, sum) : v.mul(x0).add(sum);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + s, LE);
      sum = FMA ? v.fma(x1, sum) : v.mul(x1).add(sum);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 2 * s, LE);
      sum = FMA ? v.fma(x2, sum) : v.mul(x2).add(sum);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 3 * s, LE);
      sum = FMA ? v.fma(x3, sum) : v.mul(x3).add(sum);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 4 * s, LE);
      sum = FMA ? v.fma(x4, sum) : v.mul(x4).add(sum);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 5 * s, LE);
      sum = FMA ? v.fma(x5, sum) : v.mul(x5).add(sum);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 6 * s, LE);
      sum = FMA ? v.fma(x6, sum) : v.mul(x6).add(sum);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 7 * s, LE);
      sum = FMA ? v.fma(x7, sum) : v.mul(x7).add(sum);
      sum.intoMemorySegment(y, at, LE);
    }
  }

  private static void one(
      float x, MemorySegment w, long wOffset, MemorySegment y, long at, long end) {
    FloatVector x0 = FloatVector.broadcast(FLOATS, x);
    for (long p = wOffset; at < end; at += BYTES, p += BYTES) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      sum = FMA ? v.fma(x0, sum) : v.mul(x0).add(sum);
      sum.intoMemorySegment(y, at, LE);
    }
  }
}
