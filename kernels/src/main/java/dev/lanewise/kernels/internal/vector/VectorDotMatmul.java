package dev.lanewise.kernels.internal.vector;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * y = x W + bias for weights {@code (out, in)}: dot products in 16 lanes, in tiles; rows of x in
 * blocks that stay in the second-level cache while all weights pass.
 */
final class VectorDotMatmul {

  /** Outputs of a tile. */
  private static final int COLUMNS = Species.MANY_REGISTERS ? 4 : 2;

  /** Floats of x a block. */
  private static final int BLOCK = 128 * 1024;

  private VectorDotMatmul() {}

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
    float[] lanes = VectorScratch.current().lanes();
    int blockRows = Math.max(8, BLOCK / Math.max(1, w.in()) / 8 * 8);
    for (int row = 0; row < x.rows(); row += blockRows) {
      int end = Math.min(x.rows(), row + blockRows);
      int n = from;
      for (; end - row > 1 && n + COLUMNS <= to; n += COLUMNS) {
        columns(x, row, end, w, bias, accumulate, y, yOffset, yRowStride, n, lanes);
      }
      for (; n < to; n++) {
        column(x, row, end, w, bias, accumulate, y, yOffset, yRowStride, n);
      }
    }
  }

  /** Outputs n .. n + COLUMNS - 1 of rows [firstRow, end). */
  private static void columns(
      PackedRows x,
      int firstRow,
      int end,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int n,
      float[] lanes) {
    long column = (long) n * Float.BYTES;
    MemorySegment start = accumulate ? y : bias == null ? Zeros.SEGMENT : bias.segment();
    long startOffset = accumulate ? yOffset + column : bias == null ? 0 : bias.offset() + column;
    long startStride = accumulate ? yRowStride : 0;
    int row = firstRow;
    while (row + 2 <= end) {
      int rows = row + 4 <= end ? 4 : 2;
      int columns = rows == 4 ? COLUMNS : 2;
      for (int i = 0; i < COLUMNS; i += columns) {
        DotTile.multiply(
            rows,
            columns,
            x.data(),
            row * w.in(),
            w.segment(),
            weights(w, n + i),
            w.in(),
            start,
            startOffset + row * startStride + (long) i * Float.BYTES,
            startStride,
            y,
            yOffset + row * yRowStride + column + (long) i * Float.BYTES,
            yRowStride,
            lanes);
      }
      row += rows;
    }
    for (int i = n; row < end && i < n + COLUMNS; i++) {
      column(x, row, end, w, bias, accumulate, y, yOffset, yRowStride, i);
    }
  }

  /** Output n of rows [firstRow, end), one product at a time. */
  private static void column(
      PackedRows x,
      int firstRow,
      int end,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int n) {
    long column = (long) n * Float.BYTES;
    float first = bias == null ? 0f : bias.segment().get(F32.LAYOUT, bias.offset() + column);
    for (int row = firstRow; row < end; row++) {
      float product = DotProducts.dot(x.data(), row * w.in(), w.segment(), weights(w, n), w.in());
      long target = yOffset + row * yRowStride + column;
      float start = accumulate ? y.get(F32.LAYOUT, target) : first;
      y.set(F32.LAYOUT, target, start + product);
    }
  }

  private static long weights(Matrix w, int n) {
    return w.offset() + (long) n * w.in() * Float.BYTES;
  }
}
