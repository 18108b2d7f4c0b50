package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.internal.Exp;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;

/** softmax and the logarithm of its denominator. */
final class ScalarSoftmax {

  private ScalarSoftmax() {}

  static void softmax(MemorySegment x, long offset, int n) {
    ScalarScratch scratch = ScalarScratch.current();
    float[] values = scratch.weights(n);
    float[] lanes = scratch.sums(Lanes.COUNT);
    MemorySegment.copy(x, F32.LAYOUT, offset, values, 0, n);
    float max = max(Float.NEGATIVE_INFINITY, values, 0, n);
    exp(values, 0, n, max);
    float inverse = 1f / ScalarSums.sum(values, 0, n, lanes);
    for (int i = 0; i < n; i++) {
      values[i] *= inverse;
    }
    MemorySegment.copy(values, 0, x, F32.LAYOUT, offset, n);
  }

  static float logSumExp(MemorySegment x, long offset, int n) {
    ScalarScratch scratch = ScalarScratch.current();
    float[] values = scratch.weights(n);
    float[] lanes = scratch.sums(Lanes.COUNT);
    MemorySegment.copy(x, F32.LAYOUT, offset, values, 0, n);
    float max = max(Float.NEGATIVE_INFINITY, values, 0, n);
    exp(values, 0, n, max);
    return max + (float) StrictMath.log(ScalarSums.sum(values, 0, n, lanes));
  }

  /**
   * The largest of max and x[at] .. x[at + n - 1]. NaN is passed over: it comes back as exp(NaN -
   * max).
   */
  static float max(float max, float[] x, int at, int n) {
    for (int i = 0; i < n; i++) {
      max = x[at + i] > max ? x[at + i] : max;
    }
    return max;
  }

  /** x = exp(x - max). */
  static void exp(float[] x, int at, int n, float max) {
    for (int i = 0; i < n; i++) {
      x[at + i] = Exp.exp(x[at + i] - max);
    }
  }
}
