package dev.lanewise;

import java.util.List;

/**
 * The answer to {@link TextClassifier#classify}.
 *
 * @param scores all labels, highest logit first, equal ones by id
 * @param tokens that the model read, template included
 * @param truncated whether part of the text was cut off
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
}
