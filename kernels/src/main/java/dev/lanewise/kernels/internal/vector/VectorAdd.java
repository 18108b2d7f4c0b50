package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** y = a + b. */
final class VectorAdd {

  private VectorAdd() {}

  static void add(
      MemorySegment a,
      long aOffset,
      MemorySegment b,
      long bOffset,
      MemorySegment y,
      long yOffset,
      int n) {
    long vectorEnd = (long) (n / L) * BYTES;
    for (long at = 0; at < vectorEnd; at += BYTES) {
      FloatVector.fromMemorySegment(FLOATS, a, aOffset + at, LE)
          .add(FloatVector.fromMemorySegment(FLOATS, b, bOffset + at, LE))
          .intoMemorySegment(y, yOffset + at, LE);
    }
    for (long at = vectorEnd; at < (long) n * Float.BYTES; at += Float.BYTES) {
      float sum = a.get(F32.LAYOUT, aOffset + at) + b.get(F32.LAYOUT, bOffset + at);
      y.set(F32.LAYOUT, yOffset + at, sum);
    }
  }
}
