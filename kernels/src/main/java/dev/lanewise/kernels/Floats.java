package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A run of float32 values in native memory, little-endian; need not be aligned. Biases, layer-norm
 * gains.
 *
 * @param segment the memory; native, not heap
 * @param offset of the first value, in bytes
 * @param length in values
 */
public record Floats(MemorySegment segment, long offset, int length) {

  /** Checks that all values lie within the segment. */
  public Floats {
    if (length < 0) {
      throw new IllegalArgumentException("negative length " + length);
    }
    if (!segment.isNative()) {
      throw new IllegalArgumentException("values must be in native memory");
    }
    Objects.checkFromIndexSize(offset, (long) length * Float.BYTES, segment.byteSize());
  }
}
