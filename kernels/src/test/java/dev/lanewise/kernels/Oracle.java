package dev.lanewise.kernels;

/** Naive double-precision versions of every kernel; shares no code with them. */
final class Oracle {

  private Oracle() {}

  /** x {@code (rows, in)} times w {@code (in, out)} plus start {@code (rows, out)}. */
  static double[] matmul(double[] x, double[] w, double[] start, int rows, int in, int out) {
    double[] y = start.clone();
    for (int r = 0; r < rows; r++) {
      for (int n = 0; n < out; n++) {
        for (int k = 0; k < in; k++) {
          y[r * out + n] += x[r * in + k] * w[k * out + n];
        }
      }
    }
    return y;
  }

  static double[] layerNorm(double[] x, double[] gain, double[] bias, double epsilon) {
    int n = x.length;
    double mean = 0;
    for (double v : x) {
      mean += v / n;
    }
    double variance = 0;
    for (double v : x) {
      variance += (v - mean) * (v - mean) / n;
    }
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = (x[i] - mean) / Math.sqrt(variance + epsilon) * gain[i] + bias[i];
    }
    return y;
  }

  static double activation(Activation activation, double x) {
    return switch (activation) {
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case GELU_ERF -> x * normalDistribution(x);
      case RELU -> Math.max(x, 0);
      case SILU -> x / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
      case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
    };
  }

  /**
   * Phi(x) by its Taylor series around 0 up to |x| = 6 (Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 +
   * ...), Marsaglia 2004), a continued fraction of the tail beyond.
   */
  static double normalDistribution(double x) {
    double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    double magnitude = Math.abs(x);
    double tail;
    if (magnitude < 3) {
      double term = magnitude;
      double sum = magnitude;
      for (int i = 3; i < 200; i += 2) {
        term *= x * x / i;
        sum += term;
      }
      tail = 0.5 - density * sum;
    } else {
      double fraction = magnitude;
      for (int i = 200; i >= 1; i--) {
        fraction = magnitude + i / fraction;
      }
      tail = density / fraction;
    }
    return x < 0 ? tail : 1 - tail;
  }

  static double[] softmax(double[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : x) {
      max = Math.max(max, v);
    }
    double sum = 0;
    for (double v : x) {
      sum += Math.exp(v - max);
    }
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = Math.exp(x[i] - max) / sum;
    }
    return y;
  }

  static double logSumExp(double[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : x) {
      max = Math.max(max, v);
    }
    double sum = 0;
    for (double v : x) {
      sum += Math.exp(v - max);
    }
    return max + Math.log(sum);
  }

  /** One query over keys and values {@code (count, headSize)}. */
  static double[] attention(double[] q, double[] keys, double[] values, int count, double scale) {
    int headSize = q.length;
    double[] scores = new double[count];
    for (int j = 0; j < count; j++) {
      for (int d = 0; d < headSize; d++) {
        scores[j] += q[d] * scale * keys[j * headSize + d];
      }
    }
    double[] weights = softmax(scores);
    double[] out = new double[headSize];
    for (int j = 0; j < count; j++) {
      for (int d = 0; d < headSize; d++) {
        out[d] += weights[j] * values[j * headSize + d];
      }
    }
    return out;
  }
}
