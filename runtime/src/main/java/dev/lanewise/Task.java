package dev.lanewise;

import java.util.Arrays;
import java.util.Optional;

/**
 * How texts become the token sequences that a classifier reads ("Improving Language Understanding
 * by Generative Pre-Training", 3.3 and figure 1).
 */
public enum Task {
  /** One text: start, text, extract. */
  CLASSIFICATION("classification"),
  /** A premise and a hypothesis: start, premise, delimiter, hypothesis, extract. */
  ENTAILMENT("entailment"),
  /** Two texts without an order: both orders, whose extract tokens' states are added. */
  SIMILARITY("similarity"),
  /**
   * A context and answers: a sequence start, context, delimiter, answer, extract for each answer,
   * one score each, softmax across them. A question is a part of the context.
   */
  MULTIPLE_CHOICE("multiple-choice");

  private final String label;

  Task(String label) {
    this.label = label;
  }

  /** The name in options and configurations. */
  public String label() {
    return label;
  }

  /** The task of a name. */
  public static Optional<Task> of(String label) {
    return Arrays.stream(values()).filter(task -> task.label.equals(label)).findAny();
  }
}
