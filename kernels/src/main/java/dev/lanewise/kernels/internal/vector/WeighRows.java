package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;

import dev.lanewise.kernels.AttentionScratch;
import java.lang.foreign.MemorySegment;

/** The two products of attention: queries with keys, weights with values. Chooses the kernel. */
final class WeighRows {

  private static final int STRIDE = AttentionScratch.SCORE_STRIDE;

  private WeighRows() {}

  /**
   * {@code y[i][n] = start[i][n] + sum of x[i][k] * w[k][n]} for k = 0, 1, ... in order.
   *
   * @param rows 1 to 8; all but 1 are rounded up to 4 or 8, in every operand
   * @param x row i's k-th value is {@code x[at + i * SCORE_STRIDE + k]}
   * @param wStride from one k to the next, bytes
   * @param count of k
   * @param vectors of columns
   * @param startStride 0: all rows start from the same four vectors of columns
   * @param y may be start
   */
  static void multiply(
      int rows,
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      int vectors,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    long startStep = startStride == 0 ? 0 : BYTES;
    int n = 0;
    if (rows == 1) {
      for (; n + 4 <= vectors; n += 4) {
        WeighOneRow.byFour(
            x,
            at,
            w,
            wOffset + n * BYTES,
            wStride,
            count,
            start,
            startOffset + n * startStep,
            y,
            yOffset + n * BYTES);
      }
      for (; n < vectors; n++) {
        WeighOneRow.byOne(
            x,
            at,
            w,
            wOffset + n * BYTES,
            wStride,
            count,
            start,
            startOffset + n * startStep,
            y,
            yOffset + n * BYTES);
      }
    } else if (rows > 4 && Species.EIGHT_ROWS) {
      for (; n + 2 <= vectors; n += 2) {
        WeighEightRows.byTwo(
            x,
            at,
            w,
            wOffset + n * BYTES,
            wStride,
            count,
            start,
            startOffset + n * startStep,
            startStride,
            y,
            yOffset + n * BYTES,
            yStride);
      }
      if (n < vectors) {
        WeighEightRows.byOne(
            x,
            at,
            w,
            wOffset + n * BYTES,
            wStride,
            count,
            start,
            startOffset + n * startStep,
            startStride,
            y,
            yOffset + n * BYTES,
            yStride);
      }
    } else {
      four(
          x,
          at,
          w,
          wOffset,
          wStride,
          count,
          vectors,
          start,
          startOffset,
          startStride,
          y,
          yOffset,
          yStride);
      if (rows > 4) {
        four(
            x,
            at + 4 * STRIDE,
            w,
            wOffset,
            wStride,
            count,
            vectors,
            start,
            startOffset + 4 * startStride,
            startStride,
            y,
            yOffset + 4 * yStride,
            yStride);
      }
    }
  }

  private static void four(
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      int vectors,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    long startStep = startStride == 0 ? 0 : BYTES;
    int n = 0;
    for (; n + 2 <= vectors; n += 2) {
      WeighFourRows.byTwo(
          x,
          at,
          w,
          wOffset + n * BYTES,
          wStride,
          count,
          start,
          startOffset + n * startStep,
          startStride,
          y,
          yOffset + n * BYTES,
          yStride);
    }
    if (n < vectors) {
      WeighFourRows.byOne(
          x,
          at,
          w,
          wOffset + n * BYTES,
          wStride,
          count,
          start,
          startOffset + n * startStep,
          startStride,
          y,
          yOffset + n * BYTES,
          yStride);
    }
  }
}
