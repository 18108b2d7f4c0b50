package dev.lanewise.internal.model;

/**
 * The temperature under which the right labels are most likely.
 *
 * <p>With b = 1 / T the mean log-likelihood is mean(b z[y] - log sum exp(b z)), which is concave in
 * b: its first derivative mean(z[y] - E[z]) falls, its second is -mean(Var[z]), expectation and
 * variance under softmax(b z). So the optimum is where the first one is 0; Newton steps find it,
 * and bisection takes over where they would leave the interval that is known to hold it.
 */
public final class TemperatureFit {

  private static final int MAX_STEPS = 200;

  private final double[][] logits;
  private final int[] labels;

  /**
   * Takes what a model said.
   *
   * @param logits of each text, by label id; at least one text
   * @param labels the right ones
   */
  public TemperatureFit(double[][] logits, int[] labels) {
    this.logits = logits.clone();
    this.labels = labels.clone();
  }

  /**
   * The best temperature.
   *
   * @throws IllegalArgumentException if it is not between the two
   */
  public double temperature(double min, double max) {
    double low = 1 / max;
    double high = 1 / min;
    if (!(moments(low).slope > 0)) {
      throw new IllegalArgumentException(
          "no temperature fits: the right labels' logits are no higher than others', which is"
              + " chance or worse");
    }
    if (!(moments(high).slope < 0)) {
      throw new IllegalArgumentException(
          "no temperature fits: the model is right on every text, so the lower the temperature the"
              + " better; more texts, or harder ones, are needed");
    }
    double b = 1;
    for (int step = 0; step < MAX_STEPS && high - low > 1e-12 * high; step++) {
      Moments at = moments(b);
      if (at.slope > 0) {
        low = b;
      } else {
        high = b;
      }
      double next = b + at.slope / at.variance;
      if (Math.abs(next - b) <= 1e-12 * b) {
        return 1 / next;
      }
      b = next > low && next < high ? next : (low + high) / 2;
    }
    return 1 / b;
  }

  /** Mean of the logarithm of the right label's probability. */
  public double logLikelihood(double temperature) {
    return moments(1 / temperature).logLikelihood;
  }

  /** Of the log-likelihood as a function of b. */
  private record Moments(double logLikelihood, double slope, double variance) {}

  private Moments moments(double b) {
    double logLikelihood = 0;
    double slope = 0;
    double variance = 0;
    for (int i = 0; i < labels.length; i++) {
      double[] z = logits[i];
      double max = Double.NEGATIVE_INFINITY;
      for (double value : z) {
        max = Math.max(max, value);
      }
      double sum = 0;
      double first = 0;
      double second = 0;
      for (double value : z) {
        double d = value - max; // moments about the highest logit: no cancellation
        double p = StrictMath.exp(b * d);
        sum += p;
        first += p * d;
        second += p * d * d;
      }
      double mean = first / sum;
      double right = z[labels[i]] - max;
      logLikelihood += b * right - StrictMath.log(sum);
      slope += right - mean;
      variance += second / sum - mean * mean;
    }
    int n = labels.length;
    return new Moments(logLikelihood / n, slope / n, variance / n);
  }
}
