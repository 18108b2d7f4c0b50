package dev.lanewise.kernels.internal;

import dev.lanewise.kernels.KvCache;
import java.lang.foreign.MemorySegment;

/** Stores keys, transposed, and values; moves bits only, so the backends share it. */
public final class KvAppend {

  private KvAppend() {}

  /** See {@link dev.lanewise.kernels.Kernels#appendKeysAndValues}. */
  public static void append(
      MemorySegment kv,
      long kOffset,
      long vOffset,
      long rowStride,
      int rows,
      int position,
      KvCache cache,
      int layer,
      int from,
      int to) {
    Arguments.cache(cache, layer, position, rows, from, to);
    int columns = cache.heads() * cache.headSize();
    Arguments.rows(kv, kOffset, rowStride, rows, columns);
    Arguments.rows(kv, vOffset, rowStride, rows, columns);
    long headBytes = (long) cache.headSize() * Float.BYTES;
    for (int head = from; head < to; head++) {
      for (int row = 0; row < rows; row++) {
        long source = row * rowStride + head * headBytes;
        int block = (position + row) / KvCache.BLOCK;
        int column = (position + row) % KvCache.BLOCK;
        long keys = cache.keysOffset(layer, head, block) + (long) column * Float.BYTES;
        transposeKey(kv, kOffset + source, cache.segment(), keys, cache.headSize());
        long values = cache.valuesOffset(layer, head, block) + column * headBytes;
        MemorySegment.copy(kv, vOffset + source, cache.segment(), values, headBytes);
      }
    }
  }

  private static void transposeKey(
      MemorySegment kv, long source, MemorySegment cache, long target, int headSize) {
    for (int d = 0; d < headSize; d++) {
      float component = kv.get(F32.LAYOUT, source + (long) d * Float.BYTES);
      cache.set(F32.LAYOUT, target + (long) d * KvCache.BLOCK * Float.BYTES, component);
    }
  }
}
