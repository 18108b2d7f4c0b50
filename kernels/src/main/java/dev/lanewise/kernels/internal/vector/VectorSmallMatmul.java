package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.L;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * y = x W + bias for {@link SmallWeights}: some blocks are decoded to a tile of float32 that stays
 * in the second-level cache, then all rows are multiplied with it by the micro-kernels of float32.
 * Partial sums are stored to y and reloaded, which keeps the order of additions and so the bits.
 *
 * <p>Decoding waits for memory, multiplying does not; the tile is large so that the processor's
 * prefetching has long streams.
 */
final class VectorSmallMatmul {

  private VectorSmallMatmul() {}

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
    int panels = x.rows() == 1 ? 1 : Math.max(1, VectorScratch.TILE_BLOCKS / blocks(w));
    for (int n = from; n < to; ) {
      int end = Math.min(to, n - n % Matrix.PANEL + panels * Matrix.PANEL);
      if (x.rows() == 1 && end - n == Matrix.PANEL) {
        multiplyRow(x, w, bias, accumulate, y, yOffset, n);
      } else {
        multiplyPanels(x, w, bias, accumulate, y, yOffset, yRowStride, n, end);
      }
      n = end;
    }
  }

  private static int blocks(Matrix w) {
    return Math.max(1, w.in() / SmallWeights.BLOCK);
  }

  private static long panel(Matrix w, int n) {
    return w.offset() + n / Matrix.PANEL * SmallWeights.panelBytes(w.type(), w.in());
  }

  /** Outputs [from, to) of panels that fit into the tile, or of one panel, in parts. */
  private static void multiplyPanels(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    VectorScratch scratch = VectorScratch.current();
    MemorySegment tile = scratch.tile();
    int blocks = w.in() / SmallWeights.BLOCK;
    int b = 0;
    do { // at least once: without inputs y becomes what it starts from
      int count = Math.min(VectorScratch.TILE_BLOCKS, blocks - b);
      long block = SmallWeights.headBytes(w.type()) + (long) b * SmallWeights.blockBytes(w.type());
      int inputs = count * SmallWeights.BLOCK;
      long at = 0;
      for (int n = from; n < to; n = w.runEnd(n), at += (long) inputs * VectorScratch.TILE_ROW) {
        VectorDecode.decode(w, panel(w, n), panel(w, n) + block, count, scratch, at);
      }
      at = 0;
      for (int n = from; n < to; n = w.runEnd(n), at += (long) inputs * VectorScratch.TILE_ROW) {
        multiplyTile(
            x,
            b * SmallWeights.BLOCK,
            inputs,
            tile,
            at + (long) (n % Matrix.PANEL) * Float.BYTES,
            bias,
            accumulate || b > 0,
            y,
            yOffset,
            yRowStride,
            n,
            Math.min(to, w.runEnd(n)));
      }
      b += VectorScratch.TILE_BLOCKS;
    } while (b < blocks);
  }

  /** A single row and all outputs of a panel, the first of which is n. */
  private static void multiplyRow(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      int n) {
    long at = (long) n * Float.BYTES;
    MemorySegment start = accumulate ? y : bias == null ? Zeros.SEGMENT : bias.segment();
    long startOffset = accumulate ? yOffset + at : bias == null ? 0 : bias.offset() + at;
    long head = panel(w, n);
    VectorSmallRow.multiply(
        x.data(),
        w,
        head,
        head + SmallWeights.headBytes(w.type()),
        w.in() / SmallWeights.BLOCK,
        start,
        startOffset,
        accumulate || bias != null,
        y,
        yOffset + at);
  }

  /**
   * Inputs [k, k + count) for outputs [from, to) of a panel, the first at {@code t} of the tile.
   */
  private static void multiplyTile(
      PackedRows x,
      int k,
      int count,
      MemorySegment tile,
      long t,
      @Nullable Floats bias,
      boolean fromY,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    MemorySegment start = fromY ? y : bias == null ? Zeros.SEGMENT : bias.segment();
    long startStride = fromY ? yRowStride : 0;
    int n = from;
    while (n + L <= to) {
      boolean two = n + 2 * L <= to;
      long at = (long) n * Float.BYTES;
      long startOffset = fromY ? yOffset + at : bias == null ? 0 : bias.offset() + at;
      for (int row = 0; row < x.rows(); ) {
        int rows = x.panelRows(row);
        Panels.multiply(
            rows,
            x.data(),
            row * x.in() + k * rows,
            tile,
            t,
            VectorScratch.TILE_ROW,
            count,
            two,
            start,
            startOffset + row * startStride,
            startStride,
            y,
            yOffset + row * yRowStride + at,
            yRowStride);
        row += rows;
      }
      int columns = two ? 2 * L : L;
      n += columns;
      t += (long) columns * Float.BYTES;
    }
    for (; n < to; n++, t += Float.BYTES) {
      multiplyColumn(x, k, count, tile, t, bias, fromY, y, yOffset, yRowStride, n);
    }
  }

  /** One output, scalar: of the last panel, or where a range ends within one. */
  private static void multiplyColumn(
      PackedRows x,
      int k,
      int count,
      MemorySegment tile,
      long t,
      @Nullable Floats bias,
      boolean fromY,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int n) {
    long at = (long) n * Float.BYTES;
    float first = bias == null ? 0f : bias.segment().get(F32.LAYOUT, bias.offset() + at);
    for (int row = 0; row < x.rows(); row++) {
      int panel = x.panelStart(row);
      int stride = x.panelRows(panel);
      int p = panel * x.in() + k * stride + row - panel;
      long target = yOffset + row * yRowStride + at;
      float sum = fromY ? y.get(F32.LAYOUT, target) : first;
      for (int i = 0; i < count; i++) {
        float weight = tile.get(F32.LAYOUT, t + (long) i * VectorScratch.TILE_ROW);
        sum = Fma.fma(x.data()[p + i * stride], weight, sum);
      }
      y.set(F32.LAYOUT, target, sum);
    }
  }
}
