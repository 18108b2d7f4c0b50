package dev.lanewise.internal.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LbfgsTest {

  @Test
  void findsTheMinimumOfAQuadratic() {
    double[] x = new double[50];
    Lbfgs.Result result =
        Lbfgs.minimize(
            (at, gradient) -> {
              double sum = 0;
              for (int i = 0; i < at.length; i++) {
                double d = at[i] - i;
                sum += (i + 1) * d * d;
                gradient[i] = 2 * (i + 1) * d;
              }
              return sum;
            },
            x,
            1e-9,
            500);
    assertThat(result.converged()).isTrue();
    assertThat(result.value()).isCloseTo(0, within(1e-12));
    assertThat(x[49]).isCloseTo(49, within(1e-9));
  }

  @Test
  void findsTheMinimumOfRosenbrocksValley() {
    double[] x = {-1.2, 1};
    Lbfgs.Result result =
        Lbfgs.minimize(
            (at, gradient) -> {
              double a = 1 - at[0];
              double b = at[1] - at[0] * at[0];
              gradient[0] = -2 * a - 400 * at[0] * b;
              gradient[1] = 200 * b;
              return a * a + 100 * b * b;
            },
            x,
            1e-8,
            500);
    assertThat(result.converged()).isTrue();
    assertThat(x).containsExactly(new double[] {1, 1}, within(1e-6));
  }

  private static List<float[]> features(Random random, int n, int width, int[] labels) {
    List<float[]> features = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      float[] x = new float[width];
      for (int d = 0; d < width; d++) {
        x[d] = (float) random.nextGaussian() + (d == labels[i] ? 2 : 0);
      }
      features.add(x);
    }
    return features;
  }

  /** Against differences of the value, in double precision by the formula. */
  @Test
  void theGradientOfLogisticRegressionIsThatOfItsValue() {
    int n = 300;
    int width = 37;
    int classes = 5;
    Random random = new Random(4);
    int[] labels = random.ints(n, 0, classes).toArray();
    List<float[]> features = features(random, n, width, labels);
    Standardization standard = Standardization.of(features, true);
    for (Kernels kernels : List.of(Kernels.scalar(), Kernels.get())) {
      for (int threads : new int[] {1, 3}) {
        try (Workers workers = Workers.fixed(threads);
            LogisticRegression regression =
                new LogisticRegression(
                    features, standard, labels, classes, true, kernels, workers)) {
          double[] x = new double[regression.parameters()];
          for (int i = 0; i < x.length; i++) {
            x[i] = random.nextGaussian() * 0.3;
          }
          double[] gradient = new double[x.length];
          double value = regression.objective(0.5).at(x, gradient);
          assertThat(value)
              .isCloseTo(value(features, standard, labels, classes, x, 0.5), within(1e-5));
          for (int i = 0; i < x.length; i += 17) {
            double[] up = x.clone();
            double[] down = x.clone();
            up[i] += 1e-4;
            down[i] -= 1e-4;
            double slope =
                (value(features, standard, labels, classes, up, 0.5)
                        - value(features, standard, labels, classes, down, 0.5))
                    / 2e-4;
            assertThat(gradient[i]).isCloseTo(slope, within(1e-5));
          }
        }
      }
    }
  }

  private static double value(
      List<float[]> features,
      Standardization standard,
      int[] labels,
      int classes,
      double[] x,
      double c) {
    int width = features.getFirst().length;
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      double total = 0;
      double labelled = 0;
      for (int k = 0; k < classes; k++) {
        double z = x[width * classes + k];
        for (int d = 0; d < width; d++) {
          double value = (features.get(i)[d] - standard.mean()[d]) / standard.deviation()[d];
          z += x[d * classes + k] * value;
        }
        total += Math.exp(z);
        labelled = k == labels[i] ? z : labelled;
      }
      sum += Math.log(total) - labelled;
    }
    double penalty = 0;
    for (int i = 0; i < width * classes; i++) {
      penalty += x[i] * x[i];
    }
    return (sum + penalty / (2 * c)) / labels.length;
  }

  @Test
  void fitsTheSameBitsWithEveryNumberOfThreadsAndEitherBackend() {
    Random random = new Random(5);
    int[] labels = random.ints(200, 0, 3).toArray();
    List<float[]> features = features(random, 200, 40, labels);
    List<LinearFit.Fitted> fits = new ArrayList<>();
    for (int threads : new int[] {1, 2, 5}) {
      try (Workers workers = Workers.fixed(threads)) {
        LinearFit fit =
            new LinearFit(
                features,
                labels,
                3,
                true,
                threads == 2 ? Kernels.scalar() : Kernels.get(),
                workers);
        LinearFit.Validated validated = fit.validate(List.of(1.0, 0.01), 4, 7, line -> {});
        assertThat(validated.accuracy()).isBetween(0.7, 0.99);
        fits.add(fit.fit(validated.c()));
      }
    }
    for (LinearFit.Fitted fit : fits) {
      assertThat(fit.weights()).isDeepEqualTo(fits.getFirst().weights());
      assertThat(fit.bias()).isEqualTo(fits.getFirst().bias());
    }
  }
}
