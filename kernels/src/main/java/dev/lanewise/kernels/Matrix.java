package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A dense float32 weight matrix in native memory, little-endian, rows without gaps; need not be
 * aligned.
 *
 * @param segment the memory; native, not heap
 * @param offset of the first element, in bytes
 * @param in input features, the length of a row of x
 * @param out output features, the length of a row of y = x W
 * @param layout order of the elements
 */
public record Matrix(MemorySegment segment, long offset, int in, int out, Layout layout) {

  /** Order of the elements in memory. */
  public enum Layout {
    /** Row k holds the weights of input k, {@code (in, out)}: GPT's Conv1D. */
    IN_OUT,
    /** Row n holds the weights of output n, {@code (out, in)}: a Linear layer, embeddings. */
    OUT_IN
  }

  /** Checks that all elements lie within the segment. */
  public Matrix {
    Objects.requireNonNull(layout);
    if (in < 0 || out < 0) {
      throw new IllegalArgumentException("negative size: in " + in + ", out " + out);
    }
    if (!segment.isNative()) {
      throw new IllegalArgumentException("weights must be in native memory");
    }
    Objects.checkFromIndexSize(
        offset, Math.multiplyExact((long) in * out, (long) Float.BYTES), segment.byteSize());
  }
}
