package dev.lanewise.bench.contest;

import dev.lanewise.bench.contest.Quiet.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** Values of one kind, with what a table shows of them. Immutable. */
public final class Timings {

  private final double[] sorted;
  private final int clean;
  private final int samples;

  private Timings(double[] values, int clean, int samples) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no samples");
    }
    this.sorted = values.clone();
    Arrays.sort(sorted);
    this.clean = clean;
    this.samples = samples;
  }

  /** Milliseconds of the clean samples, or of all if fewer than three are clean. */
  public static Timings millis(List<Sample> samples) {
    return of(samples, sample -> sample.nanos() / 1e6, Sample::clean);
  }

  /** Values of the clean samples, or of all if fewer than three are clean. */
  public static <T> Timings of(List<T> samples, ToDoubleFunction<T> value, Predicate<T> isClean) {
    double[] clean = samples.stream().filter(isClean).mapToDouble(value).toArray();
    if (clean.length >= Math.min(3, samples.size())) {
      return new Timings(clean, clean.length, samples.size());
    }
    double[] all = samples.stream().mapToDouble(value).toArray();
    return new Timings(all, clean.length, samples.size());
  }

  /** Values of any kind, all counted as clean. */
  public static Timings of(double... values) {
    return new Timings(values, values.length, values.length);
  }

  /** The median, the upper one of two. */
  public double median() {
    return sorted[sorted.length / 2];
  }

  /** The smallest value that at least 99 % are not above. */
  public double p99() {
    return sorted[(int) Math.ceil(0.99 * sorted.length) - 1];
  }

  /** The smallest. */
  public double min() {
    return sorted[0];
  }

  /** The largest. */
  public double max() {
    return sorted[sorted.length - 1];
  }

  /** How many samples were undisturbed. */
  public int clean() {
    return clean;
  }

  /** How many samples were taken. */
  public int samples() {
    return samples;
  }
}
