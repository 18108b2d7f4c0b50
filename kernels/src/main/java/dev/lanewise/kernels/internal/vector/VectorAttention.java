package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.AttentionScratch;
import dev.lanewise.kernels.KvCache;
import dev.lanewise.kernels.internal.Exp;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Causal attention with an online softmax, eight queries at a time.
 *
 * <p>Scores are a matmul of the queries with the transposed keys of a block, in whole vectors; what
 * a query must not see is never read. Weights times values run together over the positions that all
 * eight queries see; the few positions after that, which only some see, run row by row: multiplied
 * by a weight of 0 they could still turn a sum into NaN or flip the sign of a zero.
 *
 * <p>Fewer than eight queries are worked on as four or eight: what stands in the other rows is of
 * no consequence. A single query is multiplied alone.
 */
final class VectorAttention {

  private static final int STRIDE = AttentionScratch.SCORE_STRIDE;
  private static final long SCORE_BYTES = (long) STRIDE * Float.BYTES;
  private static final long KEY_BYTES = (long) KvCache.BLOCK * Float.BYTES;

  private VectorAttention() {}

  static void attend(
      MemorySegment q,
      long qOffset,
      long qRowStride,
      int rows,
      int position,
      KvCache cache,
      int layer,
      int from,
      int to,
      float scale,
      MemorySegment out,
      long outOffset,
      long outRowStride,
      AttentionScratch scratch) {
    int headSize = cache.headSize();
    for (int head = from; head < to; head++) {
      long column = (long) head * headSize * Float.BYTES;
      for (int row = 0; row < rows; row += AttentionScratch.ROWS) {
        int count = Math.min(AttentionScratch.ROWS, rows - row);
        for (int i = 0; i < count; i++) {
          long query = qOffset + (row + i) * qRowStride + column;
          scaleQuery(q, query, headSize, scale, scratch.query(), i * STRIDE);
        }
        attendRows(count, position + row, cache, layer, head, scratch);
        for (int i = 0; i < count; i++) {
          long target = outOffset + (row + i) * outRowStride + column;
          long source = (long) i * headSize * Float.BYTES;
          float inverse = 1f / scratch.sum()[i];
          VectorSoftmax.scale(scratch.output(), source, inverse, out, target, headSize);
        }
      }
    }
  }

  /** q' = q * scale, {@code (headSize / STRIDE, ROWS, STRIDE)}; {@code at} of its row. */
  private static void scaleQuery(
      MemorySegment q, long offset, int headSize, float scale, float[] query, int at) {
    for (int from = 0; from < headSize; from += STRIDE, at += AttentionScratch.ROWS * STRIDE) {
      int n = Math.min(STRIDE, headSize - from);
      long source = offset + (long) from * Float.BYTES;
      int vectorEnd = n / L * L;
      for (int d = 0; d < vectorEnd; d += L) {
        FloatVector.fromMemorySegment(FLOATS, q, source + (long) d * Float.BYTES, LE)
            .mul(scale)
            .intoArray(query, at + d);
      }
      for (int d = vectorEnd; d < n; d++) {
        query[at + d] = q.get(F32.LAYOUT, source + (long) d * Float.BYTES) * scale;
      }
    }
  }

  /** {@code count} queries, the first at {@code position}, over all blocks they see. */
  private static void attendRows(
      int count, int position, KvCache cache, int layer, int head, AttentionScratch scratch) {
    int headSize = cache.headSize();
    Arrays.fill(scratch.max(), Float.NEGATIVE_INFINITY);
    int blocks = (position + count - 1) / KvCache.BLOCK + 1;
    for (int block = 0; block < blocks; block++) {
      int inBlock = position - block * KvCache.BLOCK;
      int most = visible(inBlock + count - 1);
      score(count, most, cache.segment(), cache.keysOffset(layer, head, block), headSize, scratch);
      softmaxStep(count, inBlock, most, block == 0, headSize, scratch);
      long values = cache.valuesOffset(layer, head, block);
      addValues(count, inBlock, block == 0, cache.segment(), values, headSize, scratch);
    }
  }

  /** How many keys of a block the query sees that stands at {@code position} in it. */
  private static int visible(int position) {
    return Math.clamp(position + 1L, 0, KvCache.BLOCK);
  }

  /** Scores of {@code most} keys, in whole vectors, which end where the block ends. */
  private static void score(
      int count, int most, MemorySegment cache, long keys, int headSize, AttentionScratch scratch) {
    int at = 0;
    for (int from = 0; from < headSize; from += STRIDE, at += AttentionScratch.ROWS * STRIDE) {
      WeighRows.multiply(
          count,
          scratch.query(),
          at,
          cache,
          keys + from * KEY_BYTES,
          KEY_BYTES,
          Math.min(STRIDE, headSize - from),
          Math.ceilDiv(most, L),
          from == 0 ? Zeros.SEGMENT : scratch.scores(),
          0,
          from == 0 ? 0 : SCORE_BYTES,
          scratch.scores(),
          0,
          SCORE_BYTES);
    }
  }

  /** Scores to weights; each row's sum and output are rescaled to its new maximum. */
  private static void softmaxStep(
      int count, int position, int most, boolean first, int headSize, AttentionScratch scratch) {
    float[] weights = scratch.weights();
    float[] maxima = scratch.max();
    for (int i = 0; i < count; i++) {
      int visible = visible(position + i);
      if (visible > 0) {
        long scores = i * SCORE_BYTES;
        float old = maxima[i];
        float max = VectorSoftmax.max(old, scratch.scores(), scores, visible, scratch.lanes());
        maxima[i] = max;
        if (!first) {
          float factor = Exp.exp(old - max);
          scratch.sum()[i] *= factor;
          long output = (long) i * headSize * Float.BYTES;
          VectorSoftmax.scale(scratch.output(), output, factor, scratch.output(), output, headSize);
        }
      }
    }
    // A row that sees less than others: what comes of its other values is never read.
    VectorExp.exp(scratch.scores(), 0, SCORE_BYTES, count, most, maxima, weights, 0, STRIDE);
    for (int i = 0; i < count; i++) {
      int visible = visible(position + i);
      if (visible > 0) {
        float sum = VectorSums.sum(weights, i * STRIDE, visible, scratch.lanes());
        scratch.sum()[i] = first ? sum : scratch.sum()[i] + sum;
      }
    }
  }

  /** output += weights x values. Row i stands at {@code position + i} of the block. */
  private static void addValues(
      int count,
      int position,
      boolean first,
      MemorySegment cache,
      long values,
      int headSize,
      AttentionScratch scratch) {
    int common = visible(position);
    if (common > 0) {
      weigh(count, 0, 0, common, first, cache, values, headSize, scratch);
    }
    for (int i = 0; i < count; i++) {
      int visible = visible(position + i);
      if (visible > common) {
        weigh(1, i, common, visible, false, cache, values, headSize, scratch);
      }
    }
  }

  /** Rows [row, row + rows) over positions [from, to); {@code first} starts the sums at 0. */
  private static void weigh(
      int rows,
      int row,
      int from,
      int to,
      boolean first,
      MemorySegment cache,
      long values,
      int headSize,
      AttentionScratch scratch) {
    long headBytes = (long) headSize * Float.BYTES;
    WeighRows.multiply(
        rows,
        scratch.weights(),
        row * STRIDE + from,
        cache,
        values + from * headBytes,
        headBytes,
        to - from,
        headSize / L,
        first ? Zeros.SEGMENT : scratch.output(),
        first ? 0 : row * headBytes,
        first ? 0 : headBytes,
        scratch.output(),
        row * headBytes,
        headBytes);
    if (headSize % L > 0) {
      weighTail(rows, row, from, to, first, headSize / L * L, cache, values, headSize, scratch);
    }
  }

  /** The columns that do not fill a vector, fewer than L. */
  private static void weighTail(
      int rows,
      int row,
      int from,
      int to,
      boolean first,
      int firstColumn,
      MemorySegment cache,
      long values,
      int headSize,
      AttentionScratch scratch) {
    for (int i = row; i < row + rows; i++) {
      for (int d = firstColumn; d < headSize; d++) {
        long target = ((long) i * headSize + d) * Float.BYTES;
        float sum = first ? 0f : scratch.output().get(F32.LAYOUT, target);
        for (int k = from; k < to; k++) {
          float value = cache.get(F32.LAYOUT, values + ((long) k * headSize + d) * Float.BYTES);
          sum = Fma.fma(scratch.weights()[i * STRIDE + k], value, sum);
        }
        scratch.output().set(F32.LAYOUT, target, sum);
      }
    }
  }
}
