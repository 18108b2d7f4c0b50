package dev.lanewise.kernels;

import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** Working memory of one thread in {@link Kernels#attention}. Not thread-safe. */
public final class AttentionScratch {

  /** Queries that are worked on together. */
  public static final int ROWS = 8;

  /** Floats from one score row to the next: not a multiple of 4 KiB, which shares one L1 set. */
  public static final int SCORE_STRIDE = KvCache.BLOCK + 16;

  private final int headSize;
  private final MemorySegment scores;
  private final MemorySegment output;
  private final float[] query;
  private final float[] weights;
  private final float[] max;
  private final float[] sum;
  private final float[] lanes;

  /**
   * Allocates for heads of {@code headSize}.
   *
   * @param allocator owns the native part
   */
  public AttentionScratch(SegmentAllocator allocator, int headSize) {
    this.headSize = headSize;
    this.scores = allocator.allocate((long) ROWS * SCORE_STRIDE * Float.BYTES, 64);
    this.output = allocator.allocate((long) ROWS * headSize * Float.BYTES, 64);
    this.query =
        new float[Math.multiplyExact(ROWS * SCORE_STRIDE, Math.ceilDiv(headSize, SCORE_STRIDE))];
    this.weights = new float[ROWS * SCORE_STRIDE];
    this.max = new float[ROWS];
    this.sum = new float[ROWS];
    this.lanes = new float[Lanes.COUNT];
  }

  /** Components of a head. */
  public int headSize() {
    return headSize;
  }

  /** Scores {@code (ROWS, SCORE_STRIDE)}. */
  public MemorySegment scores() {
    return scores;
  }

  /** Weighted values so far, {@code (ROWS, headSize)}. */
  public MemorySegment output() {
    return output;
  }

  /** Scaled queries: {@code (ROWS, headSize)} scalar, the same in rows of SCORE_STRIDE vector. */
  public float[] query() {
    return query;
  }

  /** exp(score - max), {@code (ROWS, SCORE_STRIDE)}. */
  public float[] weights() {
    return weights;
  }

  /** Partial sums of a row, 16. */
  public float[] lanes() {
    return lanes;
  }

  /** Running maximum of each row. */
  public float[] max() {
    return max;
  }

  /** Running sum of each row. */
  public float[] sum() {
    return sum;
  }
}
