package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.internal.Activations;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;

/** The activation of every element. */
final class ScalarActivation {

  private ScalarActivation() {}

  static void apply(
      Activation activation,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int rows,
      int from,
      int to) {
    for (int row = 0; row < rows; row++) {
      long offset = yOffset + row * yRowStride;
      for (int n = from; n < to; n++) {
        long at = offset + (long) n * Float.BYTES;
        y.set(F32.LAYOUT, at, Activations.apply(activation, y.get(F32.LAYOUT, at)));
      }
    }
  }
}
