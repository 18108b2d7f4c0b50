package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * A query times transposed keys, or a row of softmax weights times values, added to {@code start}.
 * By four vectors of columns, because one sum alone waits for each of its additions.
 */
final class WeighOneRow {

  private WeighOneRow() {}

  /** Four vectors of columns. */
  static void byFour(
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      MemorySegment start,
      long startOffset,
      MemorySegment y,
      long yOffset) {
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + BYTES, LE);
    FloatVector s2 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * BYTES, LE);
    FloatVector s3 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * BYTES, LE);
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k]);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      s0 = FMA ? v.fma(a, s0) : v.mul(a).add(s0);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + BYTES, LE);
      s1 = FMA ? v.fma(a, s1) : v.mul(a).add(s1);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 2 * BYTES, LE);
      s2 = FMA ? v.fma(a, s2) : v.mul(a).add(s2);
      v = FloatVector.fromMemorySegment(FLOATS, w, p + 3 * BYTES, LE);
      s3 = FMA ? v.fma(a, s3) : v.mul(a).add(s3);
    }
    s0.intoMemorySegment(y, yOffset, LE);
    s1.intoMemorySegment(y, yOffset + BYTES, LE);
    s2.intoMemorySegment(y, yOffset + 2 * BYTES, LE);
    s3.intoMemorySegment(y, yOffset + 3 * BYTES, LE);
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
      MemorySegment y,
      long yOffset) {
    FloatVector s = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    for (int k = 0; k < count; k++) {
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k]);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, w, wOffset + k * wStride, LE);
      s = FMA ? v.fma(a, s) : v.mul(a).add(s);
    }
    s.intoMemorySegment(y, yOffset, LE);
  }
}
