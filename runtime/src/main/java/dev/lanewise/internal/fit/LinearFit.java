package dev.lanewise.internal.fit;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fits linear heads to features, and finds out by cross-validation how strong the penalty should
 * be. The same examples and seed give the same bits.
 */
public final class LinearFit {

  private static final double TOLERANCE = 1e-4;
  private static final int MAX_ITERATIONS = 500;

  private final List<float[]> features;
  private final int[] labels;
  private final int classes;
  private final boolean bias;
  private final Kernels kernels;
  private final Workers workers;

  /**
   * A head on features as they are: the standardization is folded into it.
   *
   * @param weights {@code (classes, width)}
   * @param bias of each class
   * @param loss mean negative log-likelihood of the examples, penalty included
   * @param iterations of the last fit
   */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  public record Fitted(float[][] weights, float[] bias, double loss, int iterations) {

    int predict(float[] x) {
      int best = 0;
      double highest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < weights.length; k++) {
        double sum = bias[k];
        for (int d = 0; d < x.length; d++) {
          sum += (double) weights[k][d] * x[d];
        }
        if (sum > highest) {
          highest = sum;
          best = k;
        }
      }
      return best;
    }
  }

  /**
   * What cross-validation found.
   *
   * @param c the inverse strength with the highest accuracy, the strongest of several
   * @param accuracy with it: each example is judged by a head that has not seen it
   */
  public record Validated(double c, double accuracy) {}

  /**
   * Over examples.
   *
   * @param features one vector each, all as wide as each other, finite
   * @param labels of the examples, 0 to classes - 1
   * @param bias whether the head has one
   */
  public LinearFit(
      List<float[]> features,
      int[] labels,
      int classes,
      boolean bias,
      Kernels kernels,
      Workers workers) {
    this.features = List.copyOf(features);
    this.labels = labels.clone();
    this.classes = classes;
    this.bias = bias;
    this.kernels = kernels;
    this.workers = workers;
    for (int i = 0; i < features.size(); i++) {
      for (float value : features.get(i)) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException(
              "example %d has a feature that is %s".formatted(i + 1, value));
        }
      }
    }
  }

  /** A head with this inverse strength of the penalty, on all examples. */
  public Fitted fit(double c) {
    return fit(range(labels.length), c, null);
  }

  private static int[] range(int n) {
    int[] range = new int[n];
    Arrays.setAll(range, i -> i);
    return range;
  }

  /**
   * Tries each strength on the same folds.
   *
   * @param strengths inverse, at least one
   * @param folds at least 2; at most as many as there are examples are made
   * @param progress hears what is being tried
   */
  public Validated validate(
      List<Double> strengths, int folds, long seed, Consumer<String> progress) {
    int[] foldOf = folds(Math.min(folds, labels.length), seed);
    int count = Arrays.stream(foldOf).max().orElse(0) + 1;
    List<Double> sorted = strengths.stream().sorted().toList();
    int[] right = new int[sorted.size()];
    for (int fold = 0; fold < count; fold++) {
      int held = fold;
      int[] train = range(labels.length);
      int[] seen = Arrays.stream(train).filter(i -> foldOf[i] != held).toArray();
      double[] start = null;
      for (int s = 0; s < sorted.size(); s++) {
        progress.accept("fold %d of %d, C = %s".formatted(fold + 1, count, sorted.get(s)));
        double[][] parameters = new double[1][];
        Fitted fitted = fit(seen, sorted.get(s), start, parameters);
        start = parameters[0];
        for (int i = 0; i < labels.length; i++) {
          if (foldOf[i] == held && fitted.predict(features.get(i)) == labels[i]) {
            right[s]++;
          }
        }
      }
    }
    int best = 0;
    for (int s = 1; s < right.length; s++) {
      best = right[s] > right[best] ? s : best;
    }
    return new Validated(sorted.get(best), (double) right[best] / labels.length);
  }

  /** Each label's examples are spread over the folds evenly. */
  private int[] folds(int folds, long seed) {
    Random random = new Random(seed);
    List<Integer> shuffled = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      shuffled.add(i);
    }
    Collections.shuffle(shuffled, random);
    int[] foldOf = new int[labels.length];
    int next = 0;
    for (int k = 0; k < classes; k++) {
      for (int i : shuffled) {
        if (labels[i] == k) {
          foldOf[i] = next++ % folds;
        }
      }
    }
    return foldOf;
  }

  private Fitted fit(int[] examples, double c, double @Nullable [] start) {
    return fit(examples, c, start, new double[1][]);
  }

  /**
   * Fits to some of the examples.
   *
   * @param start parameters to begin with, or null
   * @param parameters receives those at the end
   */
  private Fitted fit(int[] examples, double c, double @Nullable [] start, double[][] parameters) {
    List<float[]> chosen = Arrays.stream(examples).mapToObj(features::get).toList();
    int[] theirs = Arrays.stream(examples).map(i -> labels[i]).toArray();
    Standardization standard = Standardization.of(chosen, bias);
    try (LogisticRegression regression =
        new LogisticRegression(chosen, standard, theirs, classes, bias, kernels, workers)) {
      double[] x = start == null ? new double[regression.parameters()] : start.clone();
      Lbfgs.Result result = Lbfgs.minimize(regression.objective(c), x, TOLERANCE, MAX_ITERATIONS);
      parameters[0] = x;
      return folded(x, standard, result);
    }
  }

  /** W x' + b with x' = (x - mean) / deviation as a head on x. */
  private Fitted folded(double[] x, Standardization standard, Lbfgs.Result result) {
    int width = standard.mean().length;
    float[][] weights = new float[classes][width];
    float[] biases = new float[classes];
    for (int k = 0; k < classes; k++) {
      double b = bias ? x[width * classes + k] : 0;
      for (int d = 0; d < width; d++) {
        double w = x[d * classes + k] / standard.deviation()[d];
        weights[k][d] = (float) w;
        b -= w * standard.mean()[d];
      }
      biases[k] = (float) b;
    }
    return new Fitted(weights, biases, result.value(), result.iterations());
  }
}
