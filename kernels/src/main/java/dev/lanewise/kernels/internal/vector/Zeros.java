package dev.lanewise.kernels.internal.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a sum without bias starts from. */
final class Zeros {

  /** Four vectors of zeros, read with a stride of 0; lives as long as the JVM. */
  static final MemorySegment SEGMENT = Arena.global().allocate(4 * Species.BYTES, 64);

  private Zeros() {}
}
