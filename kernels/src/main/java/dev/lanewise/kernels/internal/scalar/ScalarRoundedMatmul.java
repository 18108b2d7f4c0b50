package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * y = x W + bias for rounded rows and weights of type {@link DType#I8A8}: {@code y = fma(sum of
 * x[k] q[k][n], s[row] * d[n], y)} for each run of {@link SmallWeights#EXACT_INPUTS} inputs.
 *
 * <p>Tiles of 32 rows and 256 columns, for what {@link ScalarMatmul} says.
 */
final class ScalarRoundedMatmul {

  private static final int TILE_ROWS = 32;
  private static final int TILE_COLUMNS = 256;

  private ScalarRoundedMatmul() {}

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
    float[] weights = scratch.weights(TILE_COLUMNS);
    for (int n = from; n < to; n += TILE_COLUMNS) {
      int columns = Math.min(TILE_COLUMNS, to - n);
      long column = yOffset + (long) n * Float.BYTES;
      for (int row = 0; row < x.rows(); row += TILE_ROWS) {
        int rows = Math.min(TILE_ROWS, x.rows() - row);
        int k = 0;
        do { // at least once: without inputs y becomes what it starts from
          int end = Math.min(k + SmallWeights.EXACT_INPUTS, w.in());
          sum(x, row, rows, w, k, end, n, columns, sums, weights);
          for (int r = 0; r < rows; r++) {
            float scale = x.scales()[row + r];
            long target = column + (row + r) * yRowStride;
            scale(sums[r], scale, w, bias, accumulate || k > 0, y, target, n, columns);
          }
          k = end;
        } while (k < w.in());
      }
    }
  }

  /** Exact, though in floats: see {@link SmallWeights#EXACT_INPUTS}. */
  private static void sum(
      PackedRows x,
      int row,
      int rows,
      Matrix w,
      int from,
      int to,
      int n,
      int columns,
      float[][] sums,
      float[] weights) {
    for (int r = 0; r < rows; r++) {
      Arrays.fill(sums[r], 0, columns, 0f);
    }
    for (int k = from; k < to; k++) {
      SmallWeights.integers(w, k, n, n + columns, weights);
      for (int r = 0; r < rows; r++) {
        int panel = x.panelStart(row + r);
        int stride = x.panelRows(panel);
        float value = x.data()[panel * x.in() + k * stride + row + r - panel];
        MultiplyAdd.one(sums[r], 0, value, weights, 0, columns);
      }
    }
  }

  private static void scale(
      float[] sums,
      float rowScale,
      Matrix w,
      @Nullable Floats bias,
      boolean fromY,
      MemorySegment y,
      long yOffset,
      int from,
      int columns) {
    for (int i = 0; i < columns; i++) {
      int n = from + i;
      long at = yOffset + (long) i * Float.BYTES;
      float start =
          fromY
              ? y.get(F32.LAYOUT, at)
              : bias == null
                  ? 0f
                  : bias.segment().get(F32.LAYOUT, bias.offset() + (long) n * Float.BYTES);
      float scale = w.segment().get(F32.LAYOUT, SmallWeights.outputScaleOffset(w, n)) * rowScale;
      y.set(F32.LAYOUT, at, Fma.fma(sums[i], scale, start));
    }
  }
}
