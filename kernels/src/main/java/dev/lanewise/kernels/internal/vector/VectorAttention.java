package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
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
 * <p>Scores are a matmul of the queries with the transposed keys of a block, by the micro-kernels
 * of {@link VectorMatmul}; they are computed for whole panels of keys, and what a query must not
 * see is never read. Weights times values run together over the positions that all eight queries
 * see; the few positions after that, which only some see, run row by row: multiplied by a weight of
 * 0 they could still turn a sum into NaN or flip the sign of a zero.
 */
final class VectorAttention {

  private static final int ROWS = AttentionScratch.ROWS;
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
      for (int row = 0; row < rows; row += ROWS) {
        int count = Math.min(ROWS, rows - row);
        // A single query is multiplied alone; fewer than eight are filled up with zeros.
        int packed = count == 1 ? 1 : ROWS;
        long query = qOffset + row * qRowStride + column;
        packQueries(q, query, qRowStride, count, packed, headSize, scale, scratch.query());
        attendRows(count, packed, position + row, cache, layer, head, scratch);
        for (int i = 0; i < count; i++) {
          long target = outOffset + (row + i) * outRowStride + column;
          long source = (long) i * headSize * Float.BYTES;
          scale(scratch.output(), source, 1f / scratch.sum()[i], out, target, headSize);
        }
      }
    }
  }

  /** q' = q * scale, {@code (headSize, packed)}. */
  private static void packQueries(
      MemorySegment q,
      long offset,
      long rowStride,
      int count,
      int packed,
      int headSize,
      float scale,
      float[] query) {
    if (count < packed) {
      Arrays.fill(query, 0, headSize * packed, 0f);
    }
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < headSize; d++) {
        long at = offset + i * rowStride + (long) d * Float.BYTES;
        query[d * packed + i] = q.get(F32.LAYOUT, at) * scale;
      }
    }
  }

  /** {@code count} queries, the first at {@code position}, over all blocks they see. */
  private static void attendRows(
      int count,
      int packed,
      int position,
      KvCache cache,
      int layer,
      int head,
      AttentionScratch scratch) {
    int headSize = cache.headSize();
    scratch.output().fill((byte) 0);
    Arrays.fill(scratch.max(), Float.NEGATIVE_INFINITY);
    int blocks = (position + count - 1) / KvCache.BLOCK + 1;
    for (int block = 0; block < blocks; block++) {
      int inBlock = position - block * KvCache.BLOCK;
      long keys = cache.keysOffset(layer, head, block);
      score(packed, visible(inBlock + count - 1), cache.segment(), keys, headSize, scratch);
      for (int i = 0; i < count; i++) {
        int visible = visible(inBlock + i);
        if (visible > 0) {
          softmaxStep(i, visible, block == 0, headSize, scratch);
        }
      }
      long values = cache.valuesOffset(layer, head, block);
      addValues(count, inBlock, cache.segment(), values, headSize, scratch);
    }
  }

  /** How many keys of a block the query sees that stands at {@code position} in it. */
  private static int visible(int position) {
    return Math.clamp(position + 1L, 0, KvCache.BLOCK);
  }

  /** Scores of at least {@code most} keys, in whole panels, which end where the block ends. */
  private static void score(
      int packed,
      int most,
      MemorySegment cache,
      long keys,
      int headSize,
      AttentionScratch scratch) {
    for (int n = 0; n < most; n += 2 * L) {
      long column = (long) n * Float.BYTES;
      Panels.multiply(
          packed,
          scratch.query(),
          0,
          cache,
          keys + column,
          KEY_BYTES,
          headSize,
          true,
          Zeros.SEGMENT,
          0,
          0,
          scratch.scores(),
          column,
          SCORE_BYTES);
    }
  }

  /** Scores to weights; row i's sum and output are rescaled to the new maximum. */
  private static void softmaxStep(
      int i, int visible, boolean first, int headSize, AttentionScratch scratch) {
    float[] weights = scratch.weights();
    int row = i * STRIDE;
    float old = scratch.max()[i];
    float max = VectorSoftmax.max(old, scratch.scores(), i * SCORE_BYTES, visible);
    exp(scratch.scores(), i * SCORE_BYTES, visible, max, weights, row);
    float sum = VectorSums.sum(weights, row, visible);
    if (!first) {
      float factor = Exp.exp(old - max);
      sum = scratch.sum()[i] * factor + sum;
      long output = (long) i * headSize * Float.BYTES;
      scale(scratch.output(), output, factor, scratch.output(), output, headSize);
    }
    scratch.max()[i] = max;
    scratch.sum()[i] = sum;
  }

  /** weights = exp(scores - max), in whole vectors: rows of both have room after the block. */
  private static void exp(
      MemorySegment scores, long offset, int n, float max, float[] weights, int row) {
    for (int k = 0; k < n; k += L) {
      FloatVector score =
          FloatVector.fromMemorySegment(FLOATS, scores, offset + (long) k * Float.BYTES, LE);
      VectorExp.exp(score.sub(max)).intoArray(weights, row + k);
    }
  }

  /** output += weights x values. Row i stands at {@code position + i} of the block. */
  private static void addValues(
      int count,
      int position,
      MemorySegment cache,
      long values,
      int headSize,
      AttentionScratch scratch) {
    int common = visible(position);
    int row = 0;
    if (count == ROWS && common > 0) {
      weigh(ROWS, 0, 0, common, cache, values, headSize, scratch);
      row = ROWS;
    } else if (count >= 4 && common > 0) {
      weigh(4, 0, 0, common, cache, values, headSize, scratch);
      row = 4;
    }
    for (int i = 0; i < count; i++) {
      int from = i < row ? common : 0;
      int visible = visible(position + i);
      if (visible > from) {
        weigh(1, i, from, visible, cache, values, headSize, scratch);
      }
    }
  }

  /** Rows [row, row + rows) over positions [from, to). */
  private static void weigh(
      int rows,
      int row,
      int from,
      int to,
      MemorySegment cache,
      long values,
      int headSize,
      AttentionScratch scratch) {
    long headBytes = (long) headSize * Float.BYTES;
    int at = row * STRIDE + from;
    int d = 0;
    while (d + L <= headSize) {
      boolean two = d + 2 * L <= headSize;
      long column = (long) d * Float.BYTES;
      weighColumns(
          rows,
          two,
          scratch.weights(),
          at,
          cache,
          values + from * headBytes + column,
          headBytes,
          to - from,
          scratch.output(),
          row * headBytes + column);
      d += two ? 2 * L : L;
    }
    if (d < headSize) {
      weighTail(rows, row, from, to, d, cache, values, headSize, scratch);
    }
  }

  private static void weighColumns(
      int rows,
      boolean two,
      float[] weights,
      int at,
      MemorySegment cache,
      long values,
      long headBytes,
      int count,
      MemorySegment output,
      long column) {
    if (rows == 8 && Species.EIGHT_ROWS) {
      if (two) {
        WeighEightRows.byTwo(
            weights, at, cache, values, headBytes, count, output, column, headBytes, output, column,
            headBytes);
      } else {
        WeighEightRows.byOne(
            weights, at, cache, values, headBytes, count, output, column, headBytes, output, column,
            headBytes);
      }
    } else if (rows >= 4) {
      for (int i = 0; i < rows; i += 4) {
        long target = column + i * headBytes;
        int source = at + i * STRIDE;
        if (two) {
          WeighFourRows.byTwo(
              weights, source, cache, values, headBytes, count, output, target, headBytes, output,
              target, headBytes);
        } else {
          WeighFourRows.byOne(
              weights, source, cache, values, headBytes, count, output, target, headBytes, output,
              target, headBytes);
        }
      }
    } else {
      MultiplyOneRow.byOne(
          weights, at, 1, cache, values, headBytes, count, output, column, 0, output, column, 0);
      if (two) {
        long next = column + BYTES;
        MultiplyOneRow.byOne(
            weights,
            at,
            1,
            cache,
            values + BYTES,
            headBytes,
            count,
            output,
            next,
            0,
            output,
            next,
            0);
      }
    }
  }

  /** The columns that do not fill a vector, fewer than L. */
  private static void weighTail(
      int rows,
      int row,
      int from,
      int to,
      int firstColumn,
      MemorySegment cache,
      long values,
      int headSize,
      AttentionScratch scratch) {
    for (int i = row; i < row + rows; i++) {
      for (int d = firstColumn; d < headSize; d++) {
        long target = ((long) i * headSize + d) * Float.BYTES;
        float sum = scratch.output().get(F32.LAYOUT, target);
        for (int k = from; k < to; k++) {
          float value = cache.get(F32.LAYOUT, values + ((long) k * headSize + d) * Float.BYTES);
          sum = Fma.fma(scratch.weights()[i * STRIDE + k], value, sum);
        }
        scratch.output().set(F32.LAYOUT, target, sum);
      }
    }
  }

  /** target = source * factor. */
  private static void scale(
      MemorySegment source,
      long sourceOffset,
      float factor,
      MemorySegment target,
      long targetOffset,
      int n) {
    long vectorEnd = (long) (n / L) * BYTES;
    for (long at = 0; at < vectorEnd; at += BYTES) {
      FloatVector.fromMemorySegment(FLOATS, source, sourceOffset + at, LE)
          .mul(factor)
          .intoMemorySegment(target, targetOffset + at, LE);
    }
    for (long at = vectorEnd; at < (long) n * Float.BYTES; at += Float.BYTES) {
      float value = source.get(F32.LAYOUT, sourceOffset + at) * factor;
      target.set(F32.LAYOUT, targetOffset + at, value);
    }
  }
}
