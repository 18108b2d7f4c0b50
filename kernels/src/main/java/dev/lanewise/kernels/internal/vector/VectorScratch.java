package dev.lanewise.kernels.internal.vector;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Small buffers of one thread, through which kernels hand each other floats.
 *
 * <p>No method here takes or returns vectors: a call that C2 does not inline makes objects of them,
 * and whether it inlines depends on what else it has compiled before. What crosses a call is
 * stored, and loaded again from L1.
 */
final class VectorScratch {

  /** Floats that are worked on together where a kernel goes over them several times. */
  static final int CHUNK = 1024;

  /** Dot products of a tile. */
  static final int PRODUCTS = 16;

  /** Blocks of small weights that are decoded together: 3072 inputs, 393 KB. */
  static final int TILE_BLOCKS = 96;

  /** Bytes of a row of such a tile. */
  static final int TILE_ROW = Matrix.PANEL * Float.BYTES;

  private static final ThreadLocal<VectorScratch> CURRENT =
      ThreadLocal.withInitial(VectorScratch::new);

  private final float[] lanes = new float[PRODUCTS * Lanes.COUNT + Lanes.COUNT / 2];
  private final MemorySegment arguments = Arena.ofAuto().allocate((long) CHUNK * Float.BYTES, 64);
  private final MemorySegment tile =
      Arena.ofAuto().allocate((long) TILE_BLOCKS * SmallWeights.BLOCK * TILE_ROW, 64);
  private MemorySegment sums = Arena.ofAuto().allocate(TILE_ROW, 64);
  private final float[] terms = new float[CHUNK];

  @SuppressWarnings("UnusedVariable") // written so that the compiler reads what is given
  private int kept;

  private final float[] bound = new float[1];

  private VectorScratch() {}

  /** Of the calling thread; allocates at its first call only. */
  static VectorScratch current() {
    return CURRENT.get();
  }

  /** Partial sums: 16 lanes of each product, the first 16 for a sum alone; room to read on. */
  float[] lanes() {
    return lanes;
  }

  /** {@link #CHUNK} arguments of exp. */
  MemorySegment arguments() {
    return arguments;
  }

  /** Decoded weights, {@code (inputs, 32)}. */
  MemorySegment tile() {
    return tile;
  }

  /** Sums of integers, {@code (rows, 32)}. Allocates only to grow. */
  MemorySegment sums(int rows) {
    if (sums.byteSize() < (long) rows * TILE_ROW) {
      sums = Arena.ofAuto().allocate((long) rows * TILE_ROW, 64);
    }
    return sums;
  }

  /** Takes a value that was read for its effect on caches only, so that the compiler reads it. */
  void keep(int value) {
    kept ^= value;
  }

  /** {@link #CHUNK} results of exp. */
  float[] terms() {
    return terms;
  }

  /** What exp is to subtract, of one row. */
  float[] bound(float value) {
    bound[0] = value;
    return bound;
  }
}
