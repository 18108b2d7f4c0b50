package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.internal.Fma;
import dev.lanewise.kernels.internal.Lanes;
import java.util.Arrays;

/** Sums of a row in 16 lanes. */
final class ScalarSums {

  private ScalarSums() {}

  /** Sum of x[at] .. x[at + n - 1]. */
  static float sum(float[] x, int at, int n, float[] lanes) {
    Arrays.fill(lanes, 0, Lanes.COUNT, 0f);
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    for (int i = 0; i < groups; i += Lanes.COUNT) {
      for (int j = 0; j < Lanes.COUNT; j++) {
        lanes[j] += x[at + i + j];
      }
    }
    float sum = Lanes.sum(lanes, 0);
    for (int i = groups; i < n; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  /** Sum of (x - mean)^2 over x[0] .. x[n - 1]. */
  static float squaredDistances(float[] x, int n, float mean, float[] lanes) {
    Arrays.fill(lanes, 0, Lanes.COUNT, 0f);
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    for (int i = 0; i < groups; i += Lanes.COUNT) {
      for (int j = 0; j < Lanes.COUNT; j++) {
        float d = x[i + j] - mean;
        lanes[j] = Fma.fma(d, d, lanes[j]);
      }
    }
    float sum = Lanes.sum(lanes, 0);
    for (int i = groups; i < n; i++) {
      float d = x[i] - mean;
      sum = Fma.fma(d, d, sum);
    }
    return sum;
  }
}
