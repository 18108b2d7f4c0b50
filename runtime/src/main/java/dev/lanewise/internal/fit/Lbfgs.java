package dev.lanewise.internal.fit;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Minimizes a smooth convex function by the limited-memory BFGS method.
 *
 * @see <a href="https://doi.org/10.1007/BF01589116">"On the limited memory BFGS method for large
 *     scale optimization" (Liu and Nocedal 1989)</a>
 */
final class Lbfgs {

  private static final int MEMORY = 10;

  /** Of the decrease that the slope promises, what a step must bring (Armijo). */
  private static final double SUFFICIENT = 1e-4;

  private static final int MAX_HALVINGS = 30;

  private Lbfgs() {}

  /** A function with its gradient. */
  @FunctionalInterface
  interface Objective {
    /**
     * The value at x.
     *
     * @param gradient receives the gradient
     */
    double at(double[] x, double[] gradient);
  }

  /**
   * Where it ended.
   *
   * @param value of the function there
   * @param iterations done
   * @param converged whether no component of the gradient is larger than the tolerance
   */
  record Result(double value, int iterations, boolean converged) {}

  /** A step and what it did to the gradient. */
  private static final class Step {

    private final double[] s;
    private final double[] y;
    private final double rho;

    Step(double[] s, double[] y, double curvature) {
      this.s = s;
      this.y = y;
      this.rho = 1 / curvature;
    }
  }

  /**
   * Minimizes.
   *
   * @param x where to begin; receives the minimum
   * @param tolerance of the largest component of the gradient
   */
  static Result minimize(Objective objective, double[] x, double tolerance, int maxIterations) {
    int n = x.length;
    ArrayDeque<Step> steps = new ArrayDeque<>();
    double[] gradient = new double[n];
    double[] next = new double[n];
    double[] nextGradient = new double[n];
    double value = objective.at(x, gradient);
    for (int iteration = 0; iteration < maxIterations; iteration++) {
      if (largest(gradient) <= tolerance) {
        return new Result(value, iteration, true);
      }
      double[] direction = direction(gradient, steps);
      double slope = dot(gradient, direction);
      double length = steps.isEmpty() ? Math.min(1, 1 / norm(gradient)) : 1;
      double nextValue = Double.POSITIVE_INFINITY;
      int halvings = 0;
      for (; halvings < MAX_HALVINGS; halvings++, length /= 2) {
        for (int i = 0; i < n; i++) {
          next[i] = x[i] + length * direction[i];
        }
        nextValue = objective.at(next, nextGradient);
        if (nextValue <= value + SUFFICIENT * length * slope) {
          break;
        }
      }
      if (halvings == MAX_HALVINGS) {
        // No step is downhill any more: the value has as many digits as it gets.
        return new Result(value, iteration, false);
      }
      remember(steps, x, next, gradient, nextGradient);
      System.arraycopy(next, 0, x, 0, n);
      System.arraycopy(nextGradient, 0, gradient, 0, n);
      value = nextValue;
    }
    return new Result(value, maxIterations, largest(gradient) <= tolerance);
  }

  private static void remember(
      ArrayDeque<Step> steps, double[] x, double[] next, double[] gradient, double[] after) {
    double[] s = new double[x.length];
    double[] y = new double[x.length];
    for (int i = 0; i < s.length; i++) {
      s[i] = next[i] - x[i];
      y[i] = after[i] - gradient[i];
    }
    double curvature = dot(s, y);
    if (curvature > 0) {
      if (steps.size() == MEMORY) {
        steps.removeFirst();
      }
      steps.addLast(new Step(s, y, curvature));
    }
  }

  /** Minus the approximate inverse Hessian times the gradient: the two loops of the method. */
  private static double[] direction(double[] gradient, ArrayDeque<Step> steps) {
    double[] q = gradient.clone();
    double[] alphas = new double[steps.size()];
    int i = steps.size();
    for (Iterator<Step> newestFirst = steps.descendingIterator(); newestFirst.hasNext(); ) {
      Step step = newestFirst.next();
      i--;
      alphas[i] = step.rho * dot(step.s, q);
      add(q, -alphas[i], step.y);
    }
    if (!steps.isEmpty()) {
      Step newest = steps.getLast();
      scale(q, 1 / (newest.rho * dot(newest.y, newest.y)));
    }
    for (Step step : steps) {
      add(q, alphas[i] - step.rho * dot(step.y, q), step.s);
      i++;
    }
    scale(q, -1);
    return q;
  }

  private static void add(double[] target, double factor, double[] values) {
    for (int i = 0; i < target.length; i++) {
      target[i] += factor * values[i];
    }
  }

  private static void scale(double[] values, double factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  private static double largest(double[] a) {
    double largest = 0;
    for (double value : a) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
