package dev.lanewise;

/**
 * How well a language model predicts a text of any length.
 *
 * @param logProb sum of the log-probabilities of the tokens that were scored, nats
 * @param scored how many these are: all but the first, which has nothing before it
 * @param windows that the text was read in
 */
public record Perplexity(double logProb, long scored, int windows) {

  /** exp of the mean negative log-probability; NaN if no token was scored. */
  public double perplexity() {
    return StrictMath.exp(-logProb / scored);
  }
}
