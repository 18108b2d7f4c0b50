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
   * Whether the best label's probability is below a threshold, so that the caller should abstain.
   * Never of a regression, which has no probabilities.
   */
  public boolean isBelow(double threshold) {
    return probability() < threshold;
  }
}
