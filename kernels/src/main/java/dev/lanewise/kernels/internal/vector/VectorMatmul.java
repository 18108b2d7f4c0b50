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
 * y = x W + bias for weights {@code (in, out)}, where they lie or in panels.
 *
 * <p>Columns go through the micro-kernels two vectors at a time, all rows for each, so that these
 * weights stay in the second-level cache. Weights read where they lie are cut in blocks of k
 * besides, because their lines share few cache sets; partial sums are stored to y and reloaded,
 * which keeps the order of additions and so the bits. Panels are best read whole, as one stream:
 * one core with 512 bits and a peak of 117 GFLOP/s gave, with weights from memory, at 8 / 32 / 128
 * / 512 rows 65-75 / 93-101 / 109-111 / 112-114 GFLOP/s, in blocks of 384 steps 54-64 / 86-93 /
 * 100-104 / 106-109, and where they lie 28-40 / 70-79 / 85-102 / 86-102.
 */
final class VectorMatmul {

  /** Steps of k per block of weights that are read where they lie. */
  private static final int BLOCK = 384;

  /** Steps of k per block of a panel: 393 KB. */
  private static final int PANEL_BLOCK = 3072;

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
    boolean row = x.rows() == 1;
    int n = from;
    if (row && w.layout() == Matrix.Layout.PANELS) {
      n = VectorMultiplyPanels.multiply(x.data(), w, bias, accumulate, y, yOffset, from, to);
    }
    while (n < to) {
      int end = Math.min(to, w.runEnd(n));
      int vectorEnd = n + (end - n) / L * L;
      if (n < vectorEnd) {
        if (row && w.layout() == Matrix.Layout.IN_OUT) {
          multiplyRow(x, w, bias, accumulate, y, yOffset, n, vectorEnd);
        } else {
          multiplyColumns(x, w, bias, accumulate, y, yOffset, yRowStride, n, vectorEnd);
        }
      }
      for (int r = 0; r < x.rows() && vectorEnd < end; r++) {
        multiplyTail(x, r, w, bias, accumulate, y, yOffset + r * yRowStride, vectorEnd, end);
      }
      n = end;
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
        w.offsetOf(0, from),
        w.inStride(from),
        y,
        yOffset + column,
        vectorEnd - from);
  }

  /** Whole vectors of columns [from, to), which lie side by side. */
  private static void multiplyColumns(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    int block = w.layout() == Matrix.Layout.PANELS ? PANEL_BLOCK : BLOCK;
    int k = 0;
    do { // at least once: without inputs y becomes what it starts from
      int count = Math.min(block, w.in() - k);
      boolean fromY = accumulate || k > 0;
      MemorySegment start = fromY ? y : bias == null ? Zeros.SEGMENT : bias.segment();
      long startStride = fromY ? yRowStride : 0;
      for (int n = from; n < to; ) {
        boolean two = n + 2 * L <= to;
        long column = (long) n * Float.BYTES;
        long startOffset = fromY ? yOffset + column : bias == null ? 0 : bias.offset() + column;
        long wOffset = w.offsetOf(k, n);
        long wStride = w.inStride(n);
        for (int row = 0; row < x.rows(); ) {
          int rows = x.panelRows(row);
          Panels.multiply(
              rows,
              x.data(),
              row * w.in() + k * rows,
              w.segment(),
              wOffset,
              wStride,
              count,
              two,
              start,
              startOffset + row * startStride,
              startStride,
              y,
              yOffset + row * yRowStride + column,
              yRowStride);
          row += rows;
        }
        n += two ? 2 * L : L;
      }
      k += block;
    } while (k < w.in());
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
      long offset = w.offsetOf(0, n);
      long stride = w.inStride(n);
      for (int k = 0; k < w.in(); k++) {
        sum =
            Fma.fma(x.data()[at + k * rows], w.segment().get(F32.LAYOUT, offset + k * stride), sum);
      }
      y.set(F32.LAYOUT, yOffset + column, sum);
    }
  }
}
