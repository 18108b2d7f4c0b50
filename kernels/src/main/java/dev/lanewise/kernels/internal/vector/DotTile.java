package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Four rows of x by four rows of weights {@code (out, in)} at 512 bits: sixteen sums of one vector
 * each, two loads for four multiplications. Narrower vectors need two or four registers a sum and
 * take their products one by one.
 */
final class DotTile {

  private DotTile() {}

  /**
   * y[i][j] = start[i][j] + product (i, j); y may be start.
   *
   * @param at of row 0 in x; rows are n apart
   * @param wOffset of row 0; rows are n floats apart
   */
  static void fourByFour(
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
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector s00 = zero;
    FloatVector s01 = zero;
    FloatVector s02 = zero;
    FloatVector s03 = zero;
    FloatVector s10 = zero;
    FloatVector s11 = zero;
    FloatVector s12 = zero;
    FloatVector s13 = zero;
    FloatVector s20 = zero;
    FloatVector s21 = zero;
    FloatVector s22 = zero;
    FloatVector s23 = zero;
    FloatVector s30 = zero;
    FloatVector s31 = zero;
    FloatVector s32 = zero;
    FloatVector s33 = zero;
    int end = at + groups;
    long p = wOffset;
    for (int k = at; k < end; k += Lanes.COUNT, p += Lanes.COUNT * Float.BYTES) {
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + s, LE);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, w, p + 2 * s, LE);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, w, p + 3 * s, LE);
      FloatVector a = FloatVector.fromArray(FLOATS, x, k);
      s00 = Species.fma(w0, a, s00);
      s01 = Species.fma(w1, a, s01);
      s02 = Species.fma(w2, a, s02);
      s03 = Species.fma(w3, a, s03);
      a = FloatVector.fromArray(FLOATS, x, k + n);
      s10 = Species.fma(w0, a, s10);
      s11 = Species.fma(w1, a, s11);
      s12 = Species.fma(w2, a, s12);
      s13 = Species.fma(w3, a, s13);
      a = FloatVector.fromArray(FLOATS, x, k + 2 * n);
      s20 = Species.fma(w0, a, s20);
      s21 = Species.fma(w1, a, s21);
      s22 = Species.fma(w2, a, s22);
      s23 = Species.fma(w3, a, s23);
      a = FloatVector.fromArray(FLOATS, x, k + 3 * n);
      s30 = Species.fma(w0, a, s30);
      s31 = Species.fma(w1, a, s31);
      s32 = Species.fma(w2, a, s32);
      s33 = Species.fma(w3, a, s33);
    }
    store(
        s00,
        x,
        at + 0 * n,
        w,
        wOffset + 0 * s,
        groups,
        n,
        start,
        startOffset + 0 * startStride + 0,
        y,
        yOffset + 0 * yStride + 0);
    store(
        s01,
        x,
        at + 0 * n,
        w,
        wOffset + 1 * s,
        groups,
        n,
        start,
        startOffset + 0 * startStride + 4,
        y,
        yOffset + 0 * yStride + 4);
    store(
        s02,
        x,
        at + 0 * n,
        w,
        wOffset + 2 * s,
        groups,
        n,
        start,
        startOffset + 0 * startStride + 8,
        y,
        yOffset + 0 * yStride + 8);
    store(
        s03,
        x,
        at + 0 * n,
        w,
        wOffset + 3 * s,
        groups,
        n,
        start,
        startOffset + 0 * startStride + 12,
        y,
        yOffset + 0 * yStride + 12);
    store(
        s10,
        x,
        at + 1 * n,
        w,
        wOffset + 0 * s,
        groups,
        n,
        start,
        startOffset + 1 * startStride + 0,
        y,
        yOffset + 1 * yStride + 0);
    store(
        s11,
        x,
        at + 1 * n,
        w,
        wOffset + 1 * s,
        groups,
        n,
        start,
        startOffset + 1 * startStride + 4,
        y,
        yOffset + 1 * yStride + 4);
    store(
        s12,
        x,
        at + 1 * n,
        w,
        wOffset + 2 * s,
        groups,
        n,
        start,
        startOffset + 1 * startStride + 8,
        y,
        yOffset + 1 * yStride + 8);
    store(
        s13,
        x,
        at + 1 * n,
        w,
        wOffset + 3 * s,
        groups,
        n,
        start,
        startOffset + 1 * startStride + 12,
        y,
        yOffset + 1 * yStride + 12);
    store(
        s20,
        x,
        at + 2 * n,
        w,
        wOffset + 0 * s,
        groups,
        n,
        start,
        startOffset + 2 * startStride + 0,
        y,
        yOffset + 2 * yStride + 0);
    store(
        s21,
        x,
        at + 2 * n,
        w,
        wOffset + 1 * s,
        groups,
        n,
        start,
        startOffset + 2 * startStride + 4,
        y,
        yOffset + 2 * yStride + 4);
    store(
        s22,
        x,
        at + 2 * n,
        w,
        wOffset + 2 * s,
        groups,
        n,
        start,
        startOffset + 2 * startStride + 8,
        y,
        yOffset + 2 * yStride + 8);
    store(
        s23,
        x,
        at + 2 * n,
        w,
        wOffset + 3 * s,
        groups,
        n,
        start,
        startOffset + 2 * startStride + 12,
        y,
        yOffset + 2 * yStride + 12);
    store(
        s30,
        x,
        at + 3 * n,
        w,
        wOffset + 0 * s,
        groups,
        n,
        start,
        startOffset + 3 * startStride + 0,
        y,
        yOffset + 3 * yStride + 0);
    store(
        s31,
        x,
        at + 3 * n,
        w,
        wOffset + 1 * s,
        groups,
        n,
        start,
        startOffset + 3 * startStride + 4,
        y,
        yOffset + 3 * yStride + 4);
    store(
        s32,
        x,
        at + 3 * n,
        w,
        wOffset + 2 * s,
        groups,
        n,
        start,
        startOffset + 3 * startStride + 8,
        y,
        yOffset + 3 * yStride + 8);
    store(
        s33,
        x,
        at + 3 * n,
        w,
        wOffset + 3 * s,
        groups,
        n,
        start,
        startOffset + 3 * startStride + 12,
        y,
        yOffset + 3 * yStride + 12);
  }

  /** y = start + the tree of the lanes and the products beyond the whole groups. */
  private static void store(
      FloatVector lanes,
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      int groups,
      int n,
      MemorySegment start,
      long startOffset,
      MemorySegment y,
      long yOffset) {
    float sum = VectorSums.tree(lanes, lanes, lanes, lanes);
    sum = DotProducts.leftOver(sum, x, at, w, wOffset, groups, n);
    y.set(F32.LAYOUT, yOffset, start.get(F32.LAYOUT, startOffset) + sum);
  }
}
