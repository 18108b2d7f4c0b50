package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;

/** y = a + b. */
final class ScalarAdd {

  private ScalarAdd() {}

  static void add(
      MemorySegment a,
      long aOffset,
      MemorySegment b,
      long bOffset,
      MemorySegment y,
      long yOffset,
      int n) {
    for (int i = 0; i < n; i++) {
      long at = (long) i * Float.BYTES;
      float sum = a.get(F32.LAYOUT, aOffset + at) + b.get(F32.LAYOUT, bOffset + at);
      y.set(F32.LAYOUT, yOffset + at, sum);
    }
  }
}
