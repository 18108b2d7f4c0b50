package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Two rows of x by two rows of weights {@code (out, in)} at 512 bits: one load for each
 * multiplication. Narrower vectors need two or four registers a sum and take their products one by
 * one.
 *
 * <p>Four by four has half the loads, but sixteen trees at the end: C2 stopped inlining them and
 * boxed the sums, 1.3 KB a tile.
 */
final class DotTile {

  private DotTile() {}

  /**
   * y[i][j] = start[i][j] + product (i, j); y may be start.
   *
   * @param at of row 0 in x; rows are n apart
   * @param wOffset of row 0; rows are n floats apart
   */
  static void twoByTwo(
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      int n,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    long s = (long) n * Float.BYTES;
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    int end = at + groups;
    long p = wOffset;
    for (int k = at; k < end; k += Lanes.COUNT, p += Lanes.COUNT * Float.BYTES) {
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + s, LE);
      FloatVector a = FloatVector.fromArray(FLOATS, x, k);
      s00 = Species.fma(w0, a, s00);
      s01 = Species.fma(w1, a, s01);
      a = FloatVector.fromArray(FLOATS, x, k + n);
      s10 = Species.fma(w0, a, s10);
      s11 = Species.fma(w1, a, s11);
    }
    float p00 = VectorSums.tree(s00, s00, s00, s00);
    float p01 = VectorSums.tree(s01, s01, s01, s01);
    float p10 = VectorSums.tree(s10, s10, s10, s10);
    float p11 = VectorSums.tree(s11, s11, s11, s11);
    if (groups < n) {
      p00 = DotProducts.leftOver(p00, x, at, w, wOffset, groups, n);
      p01 = DotProducts.leftOver(p01, x, at, w, wOffset + s, groups, n);
      p10 = DotProducts.leftOver(p10, x, at + n, w, wOffset, groups, n);
      p11 = DotProducts.leftOver(p11, x, at + n, w, wOffset + s, groups, n);
    }
    store(p00, start, startOffset, y, yOffset);
    store(p01, start, startOffset + Float.BYTES, y, yOffset + Float.BYTES);
    store(p10, start, startOffset + startStride, y, yOffset + yStride);
    store(p11, start, startOffset + startStride + Float.BYTES, y, yOffset + yStride + Float.BYTES);
  }

  private static void store(
      float product, MemorySegment start, long startOffset, MemorySegment y, long yOffset) {
    y.set(F32.LAYOUT, yOffset, start.get(F32.LAYOUT, startOffset) + product);
  }
}
