package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.AttentionScratch;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Eight rows of softmax weights times values {@code (positions, headSize)}, added to {@code start}:
 * the kernel of {@link MultiplyEightRows} for weights whose rows lie {@link
 * AttentionScratch#SCORE_STRIDE} apart. That this is a constant saves eight index registers.
 *
 * <p>The weights are a heap array on purpose: with reads from a segment C1 ran out of virtual
 * registers, the method never reached C2, and every vector was boxed.
 */
final class WeighEightRows {

  private static final int STRIDE = AttentionScratch.SCORE_STRIDE;

  private WeighEightRows() {}

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
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k]);
      s00 = w0.fma(a, s00);
      s01 = w1.fma(a, s01);
      a = FloatVector.broadcast(FLOATS, x[at + k + STRIDE]);
      s10 = w0.fma(a, s10);
      s11 = w1.fma(a, s11);
      a = FloatVector.broadcast(FLOATS, x[at + k + 2 * STRIDE]);
      s20 = w0.fma(a, s20);
      s21 = w1.fma(a, s21);
      a = FloatVector.broadcast(FLOATS, x[at + k + 3 * STRIDE]);
      s30 = w0.fma(a, s30);
      s31 = w1.fma(a, s31);
      a = FloatVector.broadcast(FLOATS, x[at + k + 4 * STRIDE]);
      s40 = w0.fma(a, s40);
      s41 = w1.fma(a, s41);
      a = FloatVector.broadcast(FLOATS, x[at + k + 5 * STRIDE]);
      s50 = w0.fma(a, s50);
      s51 = w1.fma(a, s51);
      a = FloatVector.broadcast(FLOATS, x[at + k + 6 * STRIDE]);
      s60 = w0.fma(a, s60);
      s61 = w1.fma(a, s61);
      a = FloatVector.broadcast(FLOATS, x[at + k + 7 * STRIDE]);
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
      FloatVector a = FloatVector.broadcast(FLOATS, x[at + k]);
      s00 = w0.fma(a, s00);
      a = FloatVector.broadcast(FLOATS, x[at + k + STRIDE]);
      s10 = w0.fma(a, s10);
      a = FloatVector.broadcast(FLOATS, x[at + k + 2 * STRIDE]);
      s20 = w0.fma(a, s20);
      a = FloatVector.broadcast(FLOATS, x[at + k + 3 * STRIDE]);
      s30 = w0.fma(a, s30);
      a = FloatVector.broadcast(FLOATS, x[at + k + 4 * STRIDE]);
      s40 = w0.fma(a, s40);
      a = FloatVector.broadcast(FLOATS, x[at + k + 5 * STRIDE]);
      s50 = w0.fma(a, s50);
      a = FloatVector.broadcast(FLOATS, x[at + k + 6 * STRIDE]);
      s60 = w0.fma(a, s60);
      a = FloatVector.broadcast(FLOATS, x[at + k + 7 * STRIDE]);
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
