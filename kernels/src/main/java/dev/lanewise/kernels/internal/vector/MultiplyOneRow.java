package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One row of x times columns of weights {@code (in, out)}: each sum starts from {@code start}, adds
 * {@code x[k] * w[k]} for k = 0, 1, ... and is stored to {@code y}.
 *
 * <p>x: row i's k-th value is {@code x[at + k * stride]}. Offsets and strides of the others in
 * bytes: w from one k to the next, start and y from one row to the next. y may be start.
 */
final class MultiplyOneRow {

  private MultiplyOneRow() {}

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
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + BYTES, LE);
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k * stride]);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      s01 = FMA ? w1.fma(a, s01) : w1.mul(a).add(s01);
    }
    s00.intoMemorySegment(y, yOffset, LE);
    s01.intoMemorySegment(y, yOffset + BYTES, LE);
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
    for (int k = 0; k < count; k++) {
      long p = wOffset + k * wStride;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k * stride]);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
    }
    s00.intoMemorySegment(y, yOffset, LE);
  }
}
