package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.AttentionScratch;
import dev.lanewise.kernels.KvCache;
import dev.lanewise.kernels.internal.Exp;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Causal attention with an online softmax; eight queries share each copy of a key or value row.
 *
 * <p>The scores of a row become its weights in place, in {@link AttentionScratch#weights}.
 */
final class ScalarAttention {

  private static final int STRIDE = AttentionScratch.SCORE_STRIDE;

  private ScalarAttention() {}

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
    ScalarScratch heap = ScalarScratch.current();
    float[] sums = heap.sums(AttentionScratch.ROWS * headSize);
    float[] tile = heap.weights(Math.max(KvCache.BLOCK, headSize));
    for (int head = from; head < to; head++) {
      long column = (long) head * headSize * Float.BYTES;
      for (int row = 0; row < rows; row += AttentionScratch.ROWS) {
        int count = Math.min(AttentionScratch.ROWS, rows - row);
        long query = qOffset + row * qRowStride + column;
        scaleQueries(q, query, qRowStride, count, headSize, scale, scratch.query());
        attendRows(count, position + row, cache, layer, head, scratch, sums, tile);
        for (int i = 0; i < count; i++) {
          float inverse = 1f / scratch.sum()[i];
          int at = i * headSize;
          for (int d = 0; d < headSize; d++) {
            sums[at + d] *= inverse;
          }
          long target = outOffset + (row + i) * outRowStride + column;
          MemorySegment.copy(sums, at, out, F32.LAYOUT, target, headSize);
        }
      }
    }
  }

  /** q' = q * scale, {@code (count, headSize)}. */
  private static void scaleQueries(
      MemorySegment q,
      long offset,
      long rowStride,
      int count,
      int headSize,
      float scale,
      float[] query) {
    for (int i = 0; i < count; i++) {
      for (int d = 0; d < headSize; d++) {
        long at = offset + i * rowStride + (long) d * Float.BYTES;
        query[i * headSize + d] = q.get(F32.LAYOUT, at) * scale;
      }
    }
  }

  /** {@code count} queries, the first at {@code position}, over all blocks they see. */
  private static void attendRows(
      int count,
      int position,
      KvCache cache,
      int layer,
      int head,
      AttentionScratch scratch,
      float[] sums,
      float[] tile) {
    int headSize = cache.headSize();
    Arrays.fill(sums, 0, count * headSize, 0f);
    Arrays.fill(scratch.max(), Float.NEGATIVE_INFINITY);
    int blocks = (position + count - 1) / KvCache.BLOCK + 1;
    for (int block = 0; block < blocks; block++) {
      int first = block * KvCache.BLOCK;
      long keys = cache.keysOffset(layer, head, block);
      addScores(count, position - first, cache, keys, scratch, tile);
      for (int i = 0; i < count; i++) {
        int visible = visible(position - first + i);
        if (visible > 0) {
          softmaxStep(i, visible, block == 0, headSize, scratch, sums);
        }
      }
      long values = cache.valuesOffset(layer, head, block);
      addValues(count, position - first, cache, values, scratch, sums, tile);
    }
  }

  /** How many keys of a block the query sees that stands at {@code position} in it. */
  private static int visible(int position) {
    return Math.clamp(position + 1L, 0, KvCache.BLOCK);
  }

  private static void addScores(
      int count, int position, KvCache cache, long keys, AttentionScratch scratch, float[] tile) {
    int headSize = cache.headSize();
    float[] scores = scratch.weights();
    for (int i = 0; i < count; i++) {
      Arrays.fill(scores, i * STRIDE, i * STRIDE + KvCache.BLOCK, 0f);
    }
    for (int d = 0; d < headSize; d++) {
      long offset = keys + (long) d * KvCache.BLOCK * Float.BYTES;
      int most = visible(position + count - 1);
      MemorySegment.copy(cache.segment(), F32.LAYOUT, offset, tile, 0, most);
      for (int i = 0; i < count; i++) {
        float component = scratch.query()[i * headSize + d];
        MultiplyAdd.one(scores, i * STRIDE, component, tile, 0, visible(position + i));
      }
    }
  }

  /** Scores to weights; row i's sum and output are rescaled to the new maximum. */
  private static void softmaxStep(
      int i, int visible, boolean first, int headSize, AttentionScratch scratch, float[] sums) {
    float[] weights = scratch.weights();
    float old = scratch.max()[i];
    float max = ScalarSoftmax.max(old, weights, i * STRIDE, visible);
    ScalarSoftmax.exp(weights, i * STRIDE, visible, max);
    float[] lanes = scratch.lanes();
    float sum = ScalarSums.sum(weights, i * STRIDE, visible, lanes);
    if (!first) {
      float factor = Exp.exp(old - max);
      sum = scratch.sum()[i] * factor + sum;
      for (int d = 0; d < headSize; d++) {
        sums[i * headSize + d] *= factor;
      }
    }
    scratch.max()[i] = max;
    scratch.sum()[i] = sum;
  }

  private static void addValues(
      int count,
      int position,
      KvCache cache,
      long values,
      AttentionScratch scratch,
      float[] sums,
      float[] tile) {
    int headSize = cache.headSize();
    float[] weights = scratch.weights();
    int most = visible(position + count - 1);
    for (int j = 0; j < most; j++) {
      long offset = values + (long) j * headSize * Float.BYTES;
      MemorySegment.copy(cache.segment(), F32.LAYOUT, offset, tile, 0, headSize);
      // Row i stands at position + i and sees what is not after it.
      for (int i = Math.max(0, j - position); i < count; i++) {
        MultiplyAdd.one(sums, i * headSize, weights[i * STRIDE + j], tile, 0, headSize);
      }
    }
  }
}
