package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;

/** y = (x - mean) / sqrt(variance + epsilon) * gain + bias, row by row. */
final class ScalarLayerNorm {

  private ScalarLayerNorm() {}

  static void normalize(
      MemorySegment x,
      long xOffset,
      long xRowStride,
      int from,
      int to,
      Floats gain,
      Floats bias,
      float epsilon,
      MemorySegment y,
      long yOffset,
      long yRowStride) {
    int n = gain.length();
    ScalarScratch scratch = ScalarScratch.current();
    float[] values = scratch.weights(3 * n); // the row, then gain, then bias
    float[] lanes = scratch.sums(Lanes.COUNT);
    MemorySegment.copy(gain.segment(), F32.LAYOUT, gain.offset(), values, n, n);
    MemorySegment.copy(bias.segment(), F32.LAYOUT, bias.offset(), values, 2 * n, n);
    for (int row = from; row < to; row++) {
      MemorySegment.copy(x, F32.LAYOUT, xOffset + row * xRowStride, values, 0, n);
      float mean = ScalarSums.sum(values, 0, n, lanes) / n;
      float variance = ScalarSums.squaredDistances(values, n, mean, lanes) / n;
      float inverse = (float) (1 / Math.sqrt((double) variance + epsilon));
      for (int i = 0; i < n; i++) {
        values[i] = Fma.fma((values[i] - mean) * inverse, values[n + i], values[2 * n + i]);
      }
      MemorySegment.copy(values, 0, y, F32.LAYOUT, yOffset + row * yRowStride, n);
    }
  }
}
