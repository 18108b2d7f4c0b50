package dev.lanewise.internal.fit;

import java.util.Arrays;
import java.util.List;

/**
 * Mean and standard deviation of each feature. A feature that is always the same has deviation 1.
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record Standardization(double[] mean, double[] deviation) {

  /**
   * Of these examples.
   *
   * @param centres whether the mean is taken away; without a bias in the head it can't be
   */
  static Standardization of(List<float[]> features, boolean centres) {
    int width = features.getFirst().length;
    double[] mean = new double[width];
    double[] deviation = new double[width];
    for (float[] x : features) {
      for (int i = 0; i < width; i++) {
        mean[i] += x[i];
      }
    }
    for (int i = 0; i < width; i++) {
      mean[i] /= features.size();
    }
    for (float[] x : features) {
      for (int i = 0; i < width; i++) {
        double d = x[i] - mean[i];
        deviation[i] += d * d;
      }
    }
    for (int i = 0; i < width; i++) {
      double d = Math.sqrt(deviation[i] / features.size());
      deviation[i] = d == 0 ? 1 : d;
    }
    if (!centres) {
      Arrays.fill(mean, 0);
    }
    return new Standardization(mean, deviation);
  }

  float apply(float[] x, int i) {
    return (float) ((x[i] - mean[i]) / deviation[i]);
  }
}
