package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.L;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * y = x W + bias for weights {@code (in, out)}, read where they lie.
 *
 * <p>k is cut into blocks, so that a panel of weights, two vectors wide, stays in the second-level
 * cache while all rows use it. The partial sums are stored to y and reloaded, which keeps the order
 * of additions and so the bits. One row alone goes to {@link VectorMultiplyRow}.
 */
final class VectorMatmul {

  /** Steps of k per block: 384 x 128 bytes of weights at 512 bits. */
  private static final int BLOCK = 384;

  private static final int PANEL = 2 * L;

  private VectorMatmul() {}

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
    int vectorEnd = from + (to - from) / L * L;
    if (x.rows() == 1) {
      multiplyRow(x, w, bias, accumulate, y, yOffset, from, vectorEnd);
    } else {
      multiplyPanels(x, w, bias, accumulate, y, yOffset, yRowStride, from, vectorEnd);
    }
    for (int row = 0; row < x.rows() && vectorEnd < to; row++) {
      long target = yOffset + row * yRowStride;
      multiplyTail(x, row, w, bias, accumulate, y, target, vectorEnd, to);
    }
  }

  private static void multiplyRow(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      int from,
      int vectorEnd) {
    long column = (long) from * Float.BYTES;
    long bytes = (long) (vectorEnd - from) * Float.BYTES;
    if (bias != null) {
      MemorySegment.copy(bias.segment(), bias.offset() + column, y, yOffset + column, bytes);
    } else if (!accumulate) {
      for (long at = column; at < column + bytes; at += Float.BYTES) {
        y.set(F32.LAYOUT, yOffset + at, 0f);
      }
    }
    VectorMultiplyRow.accumulate(
        x.data(),
        w.in(),
        w.segment(),
        w.offset() + column,
        (long) w.out() * Float.BYTES,
        y,
        yOffset + column,
        vectorEnd - from);
  }

  private static void multiplyPanels(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int vectorEnd) {
    int k = 0;
    do { // at least once: without inputs y becomes what it starts from
      int count = Math.min(BLOCK, w.in() - k);
      boolean fromY = accumulate || k > 0;
      MemorySegment start = fromY ? y : bias == null ? Zeros.SEGMENT : bias.segment();
      int n = from;
      while (n < vectorEnd) {
        int columns = n + PANEL <= vectorEnd ? PANEL : L;
        long column = (long) n * Float.BYTES;
        long startOffset = fromY ? yOffset + column : bias == null ? 0 : bias.offset() + column;
        long startStride = fromY ? yRowStride : 0;
        for (int row = 0; row < x.rows(); row += x.panelRows(row)) {
          multiplyPanel(
              x,
              row,
              k,
              w,
              column,
              count,
              columns,
              start,
              startOffset + row * startStride,
              startStride,
              y,
              yOffset + row * yRowStride + column,
              yRowStride);
        }
        n += columns;
      }
      k += BLOCK;
    } while (k < w.in());
  }

  /** A panel of 8, 4, 2 or 1 rows; {@code columns} is PANEL or L. */
  private static void multiplyPanel(
      PackedRows x,
      int row,
      int k,
      Matrix w,
      long column,
      int count,
      int columns,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    int rows = x.panelRows(row);
    int at = row * w.in() + k * rows;
    long wStride = (long) w.out() * Float.BYTES;
    long wOffset = w.offset() + k * wStride + column;
    Panels.multiply(
        rows,
        x.data(),
        at,
        w.segment(),
        wOffset,
        wStride,
        count,
        columns == PANEL,
        start,
        startOffset,
        startStride,
        y,
        yOffset,
        yStride);
  }

  /** The columns of one row that do not fill a vector, scalar: fewer than L. */
  private static void multiplyTail(
      PackedRows x,
      int row,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      int from,
      int to) {
    int panel = x.panelStart(row);
    int rows = x.panelRows(panel);
    int at = panel * w.in() + row - panel;
    for (int n = from; n < to; n++) {
      long column = (long) n * Float.BYTES;
      float sum =
          accumulate
              ? y.get(F32.LAYOUT, yOffset + column)
              : bias == null ? 0f : bias.segment().get(F32.LAYOUT, bias.offset() + column);
      for (int k = 0; k < w.in(); k++) {
        long offset = w.offset() + ((long) k * w.out() + n) * Float.BYTES;
        sum = Fma.fma(x.data()[at + k * rows], w.segment().get(F32.LAYOUT, offset), sum);
      }
      y.set(F32.LAYOUT, yOffset + column, sum);
    }
  }
}
