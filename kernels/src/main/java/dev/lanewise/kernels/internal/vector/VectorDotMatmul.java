package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.L;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** y = x W + bias for weights {@code (out, in)}: dot products in 16 lanes. */
final class VectorDotMatmul {

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
    int tiledRows = L == 16 ? x.rows() & -2 : 0;
    int tiledTo = tiledRows == 0 ? from : from + ((to - from) & -2);
    MemorySegment start = accumulate ? y : bias == null ? Zeros.SEGMENT : bias.segment();
    long startStride = accumulate ? yRowStride : 0;
    for (int n = from; n < tiledTo; n += 2) {
      long column = (long) n * Float.BYTES;
      long first = accumulate ? yOffset + column : bias == null ? 0 : bias.offset() + column;
      for (int row = 0; row < tiledRows; row += 2) {
        DotTile.twoByTwo(
            x.data(),
            row * w.in(),
            w.segment(),
            weights(w, n),
            w.in(),
            start,
            first + row * startStride,
            startStride,
            y,
            yOffset + row * yRowStride + column,
            yRowStride);
      }
      for (int i = n; i < n + 2; i++) {
        column(x, tiledRows, w, bias, accumulate, y, yOffset, yRowStride, i);
      }
    }
    for (int n = tiledTo; n < to; n++) {
      column(x, 0, w, bias, accumulate, y, yOffset, yRowStride, n);
    }
  }

  /** Output n of the rows from {@code firstRow} on. */
  private static void column(
      PackedRows x,
      int firstRow,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int n) {
    for (int row = firstRow; row < x.rows(); row++) {
      float sum = DotProducts.dot(x.data(), row * w.in(), w.segment(), weights(w, n), w.in());
      store(sum, bias, accumulate, y, yOffset + row * yRowStride, n);
    }
  }

  private static long weights(Matrix w, int n) {
    return w.offset() + (long) n * w.in() * Float.BYTES;
  }

  private static void store(
      float sum, @Nullable Floats bias, boolean accumulate, MemorySegment y, long row, int n) {
    long column = (long) n * Float.BYTES;
    float start =
        accumulate
            ? y.get(F32.LAYOUT, row + column)
            : bias == null ? 0f : bias.segment().get(F32.LAYOUT, bias.offset() + column);
    y.set(F32.LAYOUT, row + column, start + sum);
  }
}
