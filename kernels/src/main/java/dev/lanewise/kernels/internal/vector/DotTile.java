package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Rows of x by rows of weights {@code (out, in)}: 4 x 4 dot products, one load for two
 * multiplications, where there are 32 registers; 4 x 2 with 16; 2 x 2 for the rows left over.
 *
 * <p>One register holds a part of a sum's 16 lanes: vectors of 256 bits go over the operands twice,
 * of 128 bits four times, which finds them in L1. The lanes are stored; adding them up is another
 * method. (With the trees of 16 sums in this one C2 stopped inlining and made objects, 1.3 KB a
 * tile.)
 */
final class DotTile {

  private static final int STEP_BYTES = Lanes.COUNT * Float.BYTES;

  private DotTile() {}

  /**
   * y[i][j] = start[i][j] + product (i, j) for {@code rows} x {@code columns}: 4 x 4, 4 x 2 or 2 x
   * 2. y may be start.
   *
   * @param at of row 0 in x; rows are n apart
   * @param wOffset of row 0; rows are n floats apart
   * @param lanes scratch
   */
  static void multiply(
      int rows,
      int columns,
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
      long yStride,
      float[] lanes) {
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    long rowBytes = (long) n * Float.BYTES;
    for (int lane = 0; lane < Lanes.COUNT; lane += L) {
      long first = wOffset + (long) lane * Float.BYTES;
      if (rows < 4) {
        twoByTwo(x, at + lane, n, w, first, rowBytes, groups, lanes, lane);
      } else if (columns == 4) {
        fourByFour(x, at + lane, n, w, first, rowBytes, groups, lanes, lane);
      } else {
        fourByTwo(x, at + lane, n, w, first, rowBytes, groups, lanes, lane);
      }
    }
    addLanes(lanes, rows * columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float product = lanes[i * columns + j];
        if (groups < n) {
          product =
              DotProducts.leftOver(product, x, at + i * n, w, wOffset + j * rowBytes, groups, n);
        }
        long column = (long) j * Float.BYTES;
        float from = start.get(F32.LAYOUT, startOffset + i * startStride + column);
        y.set(F32.LAYOUT, yOffset + i * yStride + column, from + product);
      }
    }
  }

  /**
   * The tree of {@link Lanes#sum} for each product p, to lanes[p]. In whole vectors, of which the
   * first 8, then 4 lanes are of use; all products take a step before the next, because a load that
   * overlaps a recent store waits for it.
   */
  private static void addLanes(float[] lanes, int products) {
    int end = products * Lanes.COUNT;
    for (int at = 0; at < end; at += Lanes.COUNT) {
      addLater(lanes, at, 8);
      if (L < 8) {
        addLater(lanes, at + 4, 8);
      }
    }
    for (int at = 0; at < end; at += Lanes.COUNT) {
      addLater(lanes, at, 4);
    }
    for (int p = 0; p < products; p++) {
      int at = p * Lanes.COUNT;
      lanes[p] = (lanes[at] + lanes[at + 2]) + (lanes[at + 1] + lanes[at + 3]);
    }
  }

  /** lanes[i] += lanes[i + distance] for a vector at {@code at}. */
  private static void addLater(float[] lanes, int at, int distance) {
    FloatVector.fromArray(FLOATS, lanes, at)
        .add(FloatVector.fromArray(FLOATS, lanes, at + distance))
        .intoArray(lanes, at);
  }

  /** Lanes [lane, lane + L) of 16 sums, product (i, j) to lanes[(4 i + j) * 16 + lane]. */
  private static void fourByFour(
      float[] x, int at, int n, MemorySegment w, long p, long s, int groups, float[] l, int lane) {
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = s00;
    FloatVector s02 = s00;
    FloatVector s03 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s12 = s00;
    FloatVector s13 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s22 = s00;
    FloatVector s23 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s32 = s00;
    FloatVector s33 = s00;
    int end = at + groups;
    for (int k = at; k < end; k += Lanes.COUNT, p += STEP_BYTES) {
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + s, LE);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, w, p + 2 * s, LE);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, w, p + 3 * s, LE);
      FloatVector a = FloatVector.fromArray(FLOATS, x, k);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      s01 = FMA ? w1.fma(a, s01) : w1.mul(a).add(s01);
      s02 = FMA ? w2.fma(a, s02) : w2.mul(a).add(s02);
      s03 = FMA ? w3.fma(a, s03) : w3.mul(a).add(s03);
      a = FloatVector.fromArray(FLOATS, x, k + n);
      s10 = FMA ? w0.fma(a, s10) : w0.mul(a).add(s10);
      s11 = FMA ? w1.fma(a, s11) : w1.mul(a).add(s11);
      s12 = FMA ? w2.fma(a, s12) : w2.mul(a).add(s12);
      s13 = FMA ? w3.fma(a, s13) : w3.mul(a).add(s13);
      a = FloatVector.fromArray(FLOATS, x, k + 2 * n);
      s20 = FMA ? w0.fma(a, s20) : w0.mul(a).add(s20);
      s21 = FMA ? w1.fma(a, s21) : w1.mul(a).add(s21);
      s22 = FMA ? w2.fma(a, s22) : w2.mul(a).add(s22);
      s23 = FMA ? w3.fma(a, s23) : w3.mul(a).add(s23);
      a = FloatVector.fromArray(FLOATS, x, k + 3 * n);
      s30 = FMA ? w0.fma(a, s30) : w0.mul(a).add(s30);
      s31 = FMA ? w1.fma(a, s31) : w1.mul(a).add(s31);
      s32 = FMA ? w2.fma(a, s32) : w2.mul(a).add(s32);
      s33 = FMA ? w3.fma(a, s33) : w3.mul(a).add(s33);
    }
    s00.intoArray(l, lane);
    s01.intoArray(l, lane + Lanes.COUNT);
    s02.intoArray(l, lane + 2 * Lanes.COUNT);
    s03.intoArray(l, lane + 3 * Lanes.COUNT);
    s10.intoArray(l, lane + 4 * Lanes.COUNT);
    s11.intoArray(l, lane + 5 * Lanes.COUNT);
    s12.intoArray(l, lane + 6 * Lanes.COUNT);
    s13.intoArray(l, lane + 7 * Lanes.COUNT);
    s20.intoArray(l, lane + 8 * Lanes.COUNT);
    s21.intoArray(l, lane + 9 * Lanes.COUNT);
    s22.intoArray(l, lane + 10 * Lanes.COUNT);
    s23.intoArray(l, lane + 11 * Lanes.COUNT);
    s30.intoArray(l, lane + 12 * Lanes.COUNT);
    s31.intoArray(l, lane + 13 * Lanes.COUNT);
    s32.intoArray(l, lane + 14 * Lanes.COUNT);
    s33.intoArray(l, lane + 15 * Lanes.COUNT);
  }

  /** Lanes [lane, lane + L) of 8 sums, product (i, j) to lanes[(2 i + j) * 16 + lane]. */
  private static void fourByTwo(
      float[] x, int at, int n, MemorySegment w, long p, long s, int groups, float[] l, int lane) {
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    int end = at + groups;
    for (int k = at; k < end; k += Lanes.COUNT, p += STEP_BYTES) {
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + s, LE);
      FloatVector a = FloatVector.fromArray(FLOATS, x, k);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      s01 = FMA ? w1.fma(a, s01) : w1.mul(a).add(s01);
      a = FloatVector.fromArray(FLOATS, x, k + n);
      s10 = FMA ? w0.fma(a, s10) : w0.mul(a).add(s10);
      s11 = FMA ? w1.fma(a, s11) : w1.mul(a).add(s11);
      a = FloatVector.fromArray(FLOATS, x, k + 2 * n);
      s20 = FMA ? w0.fma(a, s20) : w0.mul(a).add(s20);
      s21 = FMA ? w1.fma(a, s21) : w1.mul(a).add(s21);
      a = FloatVector.fromArray(FLOATS, x, k + 3 * n);
      s30 = FMA ? w0.fma(a, s30) : w0.mul(a).add(s30);
      s31 = FMA ? w1.fma(a, s31) : w1.mul(a).add(s31);
    }
    s00.intoArray(l, lane);
    s01.intoArray(l, lane + Lanes.COUNT);
    s10.intoArray(l, lane + 2 * Lanes.COUNT);
    s11.intoArray(l, lane + 3 * Lanes.COUNT);
    s20.intoArray(l, lane + 4 * Lanes.COUNT);
    s21.intoArray(l, lane + 5 * Lanes.COUNT);
    s30.intoArray(l, lane + 6 * Lanes.COUNT);
    s31.intoArray(l, lane + 7 * Lanes.COUNT);
  }

  /** Lanes [lane, lane + L) of 4 sums, product (i, j) to lanes[(2 i + j) * 16 + lane]. */
  private static void twoByTwo(
      float[] x, int at, int n, MemorySegment w, long p, long s, int groups, float[] l, int lane) {
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    int end = at + groups;
    for (int k = at; k < end; k += Lanes.COUNT, p += STEP_BYTES) {
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + s, LE);
      FloatVector a = FloatVector.fromArray(FLOATS, x, k);
      s00 = FMA ? w0.fma(a, s00) : w0.mul(a).add(s00);
      s01 = FMA ? w1.fma(a, s01) : w1.mul(a).add(s01);
      a = FloatVector.fromArray(FLOATS, x, k + n);
      s10 = FMA ? w0.fma(a, s10) : w0.mul(a).add(s10);
      s11 = FMA ? w1.fma(a, s11) : w1.mul(a).add(s11);
    }
    s00.intoArray(l, lane);
    s01.intoArray(l, lane + Lanes.COUNT);
    s10.intoArray(l, lane + 2 * Lanes.COUNT);
    s11.intoArray(l, lane + 3 * Lanes.COUNT);
  }
}
