package dev.lanewise;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How well a classifier's labels agree with the right ones. Immutable.
 *
 * @param examples that were classified, at least 1
 * @param accuracy share of examples with the right label, 0 to 1
 * @param macroF1 mean of {@code f1} over {@code perLabel}: every label counts the same
 * @param perLabel labels that are right somewhere, or were predicted, by id
 * @param confusions wrong answers by kind, the most frequent first, then by ids
 * @param calibrationError {@link #calibrationError(double[], boolean[])} of the best labels
 */
public record ClassificationReport(
    int examples,
    double accuracy,
    double macroF1,
    List<LabelReport> perLabel,
    List<Confusion> confusions,
    double calibrationError) {

  /** Bins of the calibration error, as in its source. */
  public static final int CALIBRATION_BINS = 15;

  /** Copies the lists. */
  public ClassificationReport {
    perLabel = List.copyOf(perLabel);
    confusions = List.copyOf(confusions);
  }

  /**
   * One label.
   *
   * @param label its name
   * @param precision share of its predictions that are right; 0 if it was never predicted
   * @param recall share of its examples that were found; 0 if it has none
   * @param f1 harmonic mean of the two; 0 if both are 0
   * @param support examples whose right label it is
   */
  public record LabelReport(
      String label, double precision, double recall, double f1, int support) {}

  /**
   * Examples of one label that were given another.
   *
   * @param expected the right label
   * @param predicted the label that was given
   * @param count how often, at least 1
   */
  public record Confusion(String expected, String predicted, int count) {}

  /**
   * Compares.
   *
   * @param labels names by id
   * @param expected id of the right label of each example
   * @param predicted id of the label that was given
   * @param probabilities of the labels that were given, 0 to 1
   * @throws IllegalArgumentException if there are no examples, the lengths differ, or an id or a
   *     probability is out of range
   */
  public static ClassificationReport of(
      List<String> labels, int[] expected, int[] predicted, double[] probabilities) {
    int n = expected.length;
    if (n == 0 || predicted.length != n || probabilities.length != n) {
      throw new IllegalArgumentException(
          "%d right labels, %d predicted ones and %d probabilities, expected as many of each, and some"
              .formatted(n, predicted.length, probabilities.length));
    }
    int[][] counts = new int[labels.size()][labels.size()];
    boolean[] right = new boolean[n];
    int correct = 0;
    for (int i = 0; i < n; i++) {
      right[i] = requireId(expected[i], labels) == requireId(predicted[i], labels);
      correct += right[i] ? 1 : 0;
      counts[expected[i]][predicted[i]]++;
    }
    List<LabelReport> perLabel = perLabel(labels, counts);
    double macroF1 = perLabel.stream().mapToDouble(LabelReport::f1).average().orElse(0);
    return new ClassificationReport(
        n,
        (double) correct / n,
        macroF1,
        perLabel,
        confusions(labels, counts),
        calibrationError(probabilities, right));
  }

  private static int requireId(int id, List<String> labels) {
    if (id < 0 || id >= labels.size()) {
      throw new IllegalArgumentException(
          "label id " + id + " is out of range, there are " + labels.size() + " labels");
    }
    return id;
  }

  private static List<LabelReport> perLabel(List<String> labels, int[][] counts) {
    List<LabelReport> reports = new ArrayList<>();
    for (int id = 0; id < counts.length; id++) {
      int support = 0;
      int given = 0;
      for (int other = 0; other < counts.length; other++) {
        support += counts[id][other];
        given += counts[other][id];
      }
      if (support + given > 0) {
        int hits = counts[id][id];
        reports.add(
            new LabelReport(
                labels.get(id),
                given == 0 ? 0 : (double) hits / given,
                support == 0 ? 0 : (double) hits / support,
                2.0 * hits / (support + given),
                support));
      }
    }
    return reports;
  }

  private static List<Confusion> confusions(List<String> labels, int[][] counts) {
    List<Confusion> confusions = new ArrayList<>();
    for (int right = 0; right < counts.length; right++) {
      for (int given = 0; given < counts.length; given++) {
        if (right != given && counts[right][given] > 0) {
          confusions.add(new Confusion(labels.get(right), labels.get(given), counts[right][given]));
        }
      }
    }
    confusions.sort(Comparator.comparingInt(Confusion::count).reversed()); // stable: then by ids
    return confusions;
  }

  /**
   * Expected calibration error: the examples fall into 15 bins ((m-1)/15, m/15] by the probability
   * of their best label, 0 into the first one; the mean over the examples of |accuracy - mean
   * probability| of the bin. 0 is perfect. Source: Guo et al. 2017, "On Calibration of Modern
   * Neural Networks", equation 3.
   *
   * @param probabilities of the labels that were given, 0 to 1
   * @param right whether each is the right one
   * @throws IllegalArgumentException if there are none, the lengths differ, or a probability is out
   *     of range
   */
  public static double calibrationError(double[] probabilities, boolean[] right) {
    if (probabilities.length == 0 || probabilities.length != right.length) {
      throw new IllegalArgumentException(
          "%d probabilities and %d answers, expected as many of each, and some"
              .formatted(probabilities.length, right.length));
    }
    // In each bin: the sum of (right ? 1 : 0) - probability. Its size cancels.
    double[] gap = new double[CALIBRATION_BINS];
    for (int i = 0; i < right.length; i++) {
      double probability = probabilities[i];
      if (!(probability >= 0 && probability <= 1)) {
        throw new IllegalArgumentException(
            "probability " + i + " is " + probability + ", expected 0 to 1");
      }
      int bin = Math.max(0, (int) Math.ceil(probability * CALIBRATION_BINS) - 1);
      gap[bin] += (right[i] ? 1 : 0) - probability;
    }
    double sum = 0;
    for (double g : gap) {
      sum += Math.abs(g);
    }
    return sum / right.length;
  }
}
