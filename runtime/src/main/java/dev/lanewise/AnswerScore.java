package dev.lanewise;

/**
 * How likely a language model finds an answer after a context.
 *
 * @param text the answer as it was given
 * @param index its place among the answers that were given, from 0
 * @param logProb sum of its tokens' log-probabilities, nats
 * @param tokens how many these are, at least 1
 * @param probability among the answers, 0 to 1: softmax of what they were ranked by
 */
public record AnswerScore(String text, int index, double logProb, int tokens, double probability) {

  /** What answers are ranked by. */
  public enum By {
    /** The log-probability of the whole answer, which favours short ones. */
    SUM,
    /** The mean log-probability of a token. */
    PER_TOKEN
  }

  /** Mean log-probability of a token, nats. */
  public double logProbPerToken() {
    return logProb / tokens;
  }
}
