package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Keys and values of the positions seen so far, for every layer and head.
 *
 * <p>Positions are stored in blocks of {@link #BLOCK}, which are also the steps of the online
 * softmax. Per layer, head and block: keys transposed {@code (headSize, BLOCK)}, so that scores of
 * neighbouring positions are neighbouring lanes, then values {@code (BLOCK, headSize)}. What lies
 * beyond the last position is never part of a result.
 *
 * <p>Not thread-safe: one running call owns it.
 */
public final class KvCache {

  /** Positions a block. Part of the arithmetic: changing it changes the bits of attention. */
  public static final int BLOCK = 192;

  private final MemorySegment segment;
  private final int layers;
  private final int heads;
  private final int headSize;
  private final int blocks;

  /**
   * Allocates room for at least {@code capacity} positions.
   *
   * @param allocator owns the memory
   * @param layers at least 1
   * @param heads at least 1
   * @param headSize at least 1
   * @param capacity positions, at least 1
   */
  public KvCache(SegmentAllocator allocator, int layers, int heads, int headSize, int capacity) {
    if (layers < 1 || heads < 1 || headSize < 1 || capacity < 1) {
      throw new IllegalArgumentException(
          "sizes must be positive: layers %d, heads %d, headSize %d, capacity %d"
              .formatted(layers, heads, headSize, capacity));
    }
    this.layers = layers;
    this.heads = heads;
    this.headSize = headSize;
    this.blocks = Math.ceilDiv(capacity, BLOCK);
    long bytes = Math.multiplyExact((long) layers * heads, Math.multiplyExact(blocks, pairBytes()));
    this.segment = allocator.allocate(bytes, 64);
  }

  /** Bytes of a block of keys, equally of a block of values. */
  private long blockBytes() {
    return (long) BLOCK * headSize * Float.BYTES;
  }

  private long pairBytes() {
    return 2 * blockBytes();
  }

  /** The memory of all blocks. */
  public MemorySegment segment() {
    return segment;
  }

  /** How many layers have their own keys and values here. */
  public int layers() {
    return layers;
  }

  /** Attention heads of a layer. */
  public int heads() {
    return heads;
  }

  /** Components of one head's key or value. */
  public int headSize() {
    return headSize;
  }

  /** Positions that fit, a multiple of {@link #BLOCK}. */
  public int capacity() {
    return blocks * BLOCK;
  }

  /** Byte offset of block {@code block}'s keys, {@code (headSize, BLOCK)}. */
  public long keysOffset(int layer, int head, int block) {
    return (((long) layer * heads + head) * blocks + block) * pairBytes();
  }

  /** Byte offset of block {@code block}'s values, {@code (BLOCK, headSize)}. */
  public long valuesOffset(int layer, int head, int block) {
    return keysOffset(layer, head, block) + blockBytes();
  }

  /**
   * Copies the blocks that hold the first {@code positions} positions of another cache.
   *
   * @param source of the same layers, heads and head size
   * @throws IllegalArgumentException if it is of other sizes, or they do not fit
   */
  public void copyFrom(KvCache source, int positions) {
    if (source.layers != layers || source.heads != heads || source.headSize != headSize) {
      throw new IllegalArgumentException(
          "layers %d, heads %d, headSize %d, expected %d, %d, %d"
              .formatted(source.layers, source.heads, source.headSize, layers, heads, headSize));
    }
    if (positions < 0 || positions > Math.min(capacity(), source.capacity())) {
      throw new IllegalArgumentException(
          "positions must be 0 to %d, found %d"
              .formatted(Math.min(capacity(), source.capacity()), positions));
    }
    long bytes = Math.ceilDiv(positions, BLOCK) * pairBytes();
    for (int layer = 0; layer < layers; layer++) {
      for (int head = 0; head < heads; head++) {
        MemorySegment.copy(
            source.segment,
            source.keysOffset(layer, head, 0),
            segment,
            keysOffset(layer, head, 0),
            bytes);
      }
    }
  }
}
