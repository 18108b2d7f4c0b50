package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * y = x W + bias for weights {@code (in, out)}, in panels or not: {@code s = fma(x[k], W[k][n], s)}
 * for k = 0, 1, ...
 *
 * <p>Tiles of 32 rows and 256 columns: four rows of the weight tile are copied to the heap and
 * added to all rows of the tile of sums. Every row is an array of its own.
 */
final class ScalarMatmul {

  private static final int TILE_ROWS = 32;
  private static final int TILE_COLUMNS = 256;
  private static final int STEP = 4;

  private ScalarMatmul() {}

  static void multiply(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    ScalarScratch scratch = ScalarScratch.current();
    float[][] sums = scratch.sumRows(TILE_ROWS, TILE_COLUMNS);
    float[][] weights = scratch.weightRows(STEP, TILE_COLUMNS);
    for (int n = from; n < to; n += TILE_COLUMNS) {
      int columns = Math.min(TILE_COLUMNS, to - n);
      long column = (long) n * Float.BYTES;
      for (int row = 0; row < x.rows(); row += TILE_ROWS) {
        int rows = Math.min(TILE_ROWS, x.rows() - row);
        for (int r = 0; r < rows; r++) {
          long target = yOffset + (row + r) * yRowStride + column;
          start(bias, accumulate, n, y, target, sums[r], columns);
        }
        sumTile(x, row, rows, w, n, columns, sums, weights);
        for (int r = 0; r < rows; r++) {
          long target = yOffset + (row + r) * yRowStride + column;
          MemorySegment.copy(sums[r], 0, y, F32.LAYOUT, target, columns);
        }
      }
    }
  }

  /** What a row's sums start from: y, the bias, or 0. */
  private static void start(
      @Nullable Floats bias,
      boolean accumulate,
      int n,
      MemorySegment y,
      long yOffset,
      float[] sums,
      int columns) {
    if (accumulate) {
      MemorySegment.copy(y, F32.LAYOUT, yOffset, sums, 0, columns);
    } else if (bias != null) {
      long offset = bias.offset() + (long) n * Float.BYTES;
      MemorySegment.copy(bias.segment(), F32.LAYOUT, offset, sums, 0, columns);
    } else {
      Arrays.fill(sums, 0, columns, 0f);
    }
  }

  private static void sumTile(
      PackedRows x,
      int row,
      int rows,
      Matrix w,
      int n,
      int columns,
      float[][] sums,
      float[][] weights) {
    for (int k = 0; k < w.in(); k += STEP) {
      int steps = Math.min(STEP, w.in() - k);
      for (int i = 0; i < steps; i++) {
        copy(w, k + i, n, n + columns, weights[i]);
      }
      for (int r = 0; r < rows; ) {
        int panelRows = x.panelRows(row + r);
        int panel = (row + r) * w.in() + k * panelRows;
        for (int i = 0; i < panelRows; i++, r++) {
          addRow(x.data(), panel + i, panelRows, steps, sums[r], weights, columns);
        }
      }
    }
  }

  /** The weights of input k for outputs [from, to). */
  private static void copy(Matrix w, int k, int from, int to, float[] weights) {
    if (w.type() != DType.F32) {
      SmallWeights.decode(w, k, from, to, weights);
      return;
    }
    for (int n = from; n < to; ) {
      int end = Math.min(to, w.runEnd(n));
      long offset = w.offsetOf(k, n);
      MemorySegment.copy(w.segment(), F32.LAYOUT, offset, weights, n - from, end - n);
      n = end;
    }
  }

  /** One row's share of up to four k; x[k] at {@code at + k * stride}. */
  private static void addRow(
      float[] x, int at, int stride, int steps, float[] sums, float[][] weights, int columns) {
    if (steps == STEP) {
      float x0 = x[at];
      float x1 = x[at + stride];
      float x2 = x[at + 2 * stride];
      float x3 = x[at + 3 * stride];
      MultiplyAdd.four(
          sums, x0, x1, x2, x3, weights[0], weights[1], weights[2], weights[3], columns);
      return;
    }
    for (int i = 0; i < steps; i++) {
      MultiplyAdd.one(sums, 0, x[at + i * stride], weights[i], 0, columns);
    }
  }
}
