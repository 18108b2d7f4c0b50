package dev.lanewise;

import java.util.List;

/**
 * The answer to {@link TextClassifier#classify} and {@link TextClassifier#choose}.
 *
 * @param scores all labels, or all answers, highest logit first, equal ones by id
 * @param tokens that the model read, template included; those of all windows, orders and answers
 * @param truncated whether part of a text was cut off
 * @param windows the model read the text in
 */
public record Classification(List<LabelScore> scores, int tokens, boolean truncated, int windows) {

  /** Copies the scores. */
  public Classification {
    scores = List.copyOf(scores);
    if (scores.isEmpty()) {
      throw new IllegalArgumentException("a classification has at least one label");
    }
  }

  /** The best label. */
  public String label() {
    return scores.getFirst().label();
  }

  /** The best label's row in the head. */
  public int labelId() {
    return scores.getFirst().labelId();
  }

  /** The best label's probability. */
  public double probability() {
    return scores.getFirst().probability();
  }

  /**
   * Whether a caller that wants to be this sure should not use the label: its probability is below.
   * Calibrated probabilities ({@link Calibration}) make the threshold mean what it says.
   *
   * @param minProbability 0 to 1
   * @throws IllegalArgumentException if it is not
   * @throws IllegalStateException if the head is a regression, which has no probabilities
   */
  public boolean abstains(double minProbability) {
    if (!(minProbability >= 0 && minProbability <= 1)) {
      throw new IllegalArgumentException(
          "the least probability is " + minProbability + ", expected 0 to 1");
    }
    if (Double.isNaN(probability())) {
      throw new IllegalStateException("a regression has no probability to hold to a threshold");
    }
    return probability() < minProbability;
  }
}
