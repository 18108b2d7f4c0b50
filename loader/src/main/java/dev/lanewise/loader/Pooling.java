package dev.lanewise.loader;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which hidden states of a text's tokens a classification head reads. */
public enum Pooling {
  /** That of the last token: the extract token of the paper, and what transformers' heads read. */
  LAST("last", 1),
  /** The mean of all tokens' states. */
  MEAN("mean", 1),
  /** The last one, then the mean: twice as wide. */
  LAST_AND_MEAN("last+mean", 2);

  private final String label;
  private final int states;

  Pooling(String label, int states) {
    this.label = label;
    this.states = states;
  }

  /** The name in a configuration. */
  public String label() {
    return label;
  }

  /** Floats that a head reads of a model whose states have {@code nEmbd}. */
  public int width(int nEmbd) {
    return Math.multiplyExact(states, nEmbd);
  }

  /** The pooling of a name. */
  public static Optional<Pooling> of(String label) {
    return Arrays.stream(values()).filter(pooling -> pooling.label.equals(label)).findAny();
  }

  /** All names. */
  static String labels() {
    return Arrays.stream(values()).map(Pooling::label).collect(Collectors.joining(", "));
  }
}
