package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * y = x W + bias for rounded rows and weights of type {@link DType#I8A8}: integers, kept as float32
 * and so multiplied by the micro-kernels of float32, a panel and at most {@link
 * SmallWeights#EXACT_INPUTS} inputs at a time; then the sums are scaled and added to y.
 *
 * <p>The Vector API has no dot product of bytes, and what C2 makes of widening, multiplying and
 * adding in 16 and 32 bits is slower than FMA on twice as wide lanes.
 */
final class VectorRoundedMatmul {

  /** Scales of integers that shall stay what they are. */
  static final MemorySegment ONES = ones();

  private static final int PANEL = Matrix.PANEL;
  private static final int BLOCKS = SmallWeights.EXACT_INPUTS / SmallWeights.BLOCK;
  private static final long ROW = VectorScratch.TILE_ROW;

  private VectorRoundedMatmul() {}

  private static MemorySegment ones() {
    MemorySegment ones = Arena.global().allocate(2 * BYTES, 64);
    for (long at = 0; at < 2 * BYTES; at += Float.BYTES) {
      ones.set(F32.LAYOUT, at, 1f);
    }
    return ones;
  }

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
    VectorScratch scratch = VectorScratch.current();
    MemorySegment sums = scratch.sums(x.rows());
    int blocks = w.in() / SmallWeights.BLOCK;
    int panels = Math.max(1, VectorScratch.TILE_BLOCKS / Math.max(1, Math.min(blocks, BLOCKS)));
    for (int n = from; n < to; ) {
      int end = x.rows() == 1 ? w.runEnd(n) : n - n % PANEL + panels * PANEL;
      end = Math.min(to, end);
      int b = 0;
      do { // at least once: without inputs y becomes what it starts from
        int count = Math.min(BLOCKS, blocks - b);
        boolean fromY = accumulate || b > 0;
        sumPanels(x, w, b, count, scratch, sums, bias, fromY, y, yOffset, yRowStride, n, end);
        b += BLOCKS;
      } while (b < blocks);
      n = end;
    }
  }

  /** Blocks [b, b + count) of the panels of outputs [from, to). */
  private static void sumPanels(
      PackedRows x,
      Matrix w,
      int b,
      int count,
      VectorScratch scratch,
      MemorySegment sums,
      @Nullable Floats bias,
      boolean fromY,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    long tileBytes = (long) count * SmallWeights.BLOCK * ROW;
    long at = 0;
    if (x.rows() > 1) {
      for (int n = from; n < to; n = w.runEnd(n), at += tileBytes) {
        VectorDecode.decode(w, 0, block(w, n, b), count, scratch, at);
      }
    }
    at = 0;
    for (int n = from; n < to; n = w.runEnd(n), at += tileBytes) {
      if (x.rows() == 1) {
        int k = b * SmallWeights.BLOCK;
        VectorSmallRow.sumIntegers(x.data(), k, w.segment(), block(w, n, b), count, sums);
      } else {
        int inputs = count * SmallWeights.BLOCK;
        sumTile(x, b * SmallWeights.BLOCK, inputs, scratch.tile(), at, sums);
      }
      scale(x, w, sums, bias, fromY, y, yOffset, yRowStride, n, Math.min(to, w.runEnd(n)));
    }
  }

  private static long block(Matrix w, int n, int b) {
    return w.offset()
        + n / PANEL * SmallWeights.panelBytes(w.type(), w.in())
        + SmallWeights.headBytes(w.type())
        + (long) b * SmallWeights.blockBytes(w.type());
  }

  /** sums {@code (rows, 32)} of inputs [k, k + inputs). */
  private static void sumTile(
      PackedRows x, int k, int inputs, MemorySegment tile, long at, MemorySegment sums) {
    for (int column = 0; column < PANEL; column += 2 * L) {
      long bytes = (long) column * Float.BYTES;
      for (int row = 0; row < x.rows(); ) {
        int rows = x.panelRows(row);
        Panels.multiply(
            rows,
            x.data(),
            row * x.in() + k * rows,
            tile,
            at + bytes,
            ROW,
            inputs,
            true,
            Zeros.SEGMENT,
            0,
            0,
            sums,
            row * ROW + bytes,
            ROW);
        row += rows;
      }
    }
  }

  /** y = fma(sum, scale of the row * scale of the output, y or bias or 0), for [from, to). */
  private static void scale(
      PackedRows x,
      Matrix w,
      MemorySegment sums,
      @Nullable Floats bias,
      boolean fromY,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    long column = (long) from * Float.BYTES;
    MemorySegment start = fromY ? y : bias == null ? Zeros.SEGMENT : bias.segment();
    long startOffset = fromY ? yOffset + column : bias == null ? 0 : bias.offset() + column;
    boolean moves = fromY || bias != null;
    long sum = (long) (from % PANEL) * Float.BYTES;
    long scales = SmallWeights.outputScaleOffset(w, from);
    for (int row = 0; row < x.rows(); row++) {
      scaleRow(
          x.scales()[row],
          w.segment(),
          scales,
          sums,
          row * ROW + sum,
          start,
          fromY ? startOffset + row * yRowStride : startOffset,
          moves,
          y,
          yOffset + row * yRowStride + column,
          to - from);
    }
  }

  private static void scaleRow(
      float rowScale,
      MemorySegment scales,
      long scale,
      MemorySegment sums,
      long sum,
      MemorySegment start,
      long startOffset,
      boolean moves,
      MemorySegment y,
      long yOffset,
      int n) {
    FloatVector s = FloatVector.broadcast(FLOATS, rowScale);
    int i = 0;
    for (; i + L <= n; i += L) {
      long at = (long) i * Float.BYTES;
      FloatVector factor = FloatVector.fromMemorySegment(FLOATS, scales, scale + at, LE).mul(s);
      FloatVector from =
          FloatVector.fromMemorySegment(FLOATS, start, moves ? startOffset + at : startOffset, LE);
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, sums, sum + at, LE);
      v = FMA ? v.fma(factor, from) : v.mul(factor).add(from);
      v.intoMemorySegment(y, yOffset + at, LE);
    }
    for (; i < n; i++) { // where a range ends within a vector
      long at = (long) i * Float.BYTES;
      float from = start.get(F32.LAYOUT, moves ? startOffset + at : startOffset);
      float factor = scales.get(F32.LAYOUT, scale + at) * rowScale;
      y.set(F32.LAYOUT, yOffset + at, Fma.fma(sums.get(F32.LAYOUT, sum + at), factor, from));
    }
  }
}
