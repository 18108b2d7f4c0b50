package dev.lanewise;

import java.util.List;

/**
 * The answer to {@link TextScorer#score}.
 *
 * @param logProb sum of the tokens' log-probabilities, nats
 * @param tokens that were scored, in order
 */
public record Score(double logProb, List<TokenScore> tokens) {

  /** Copies the tokens. */
  public Score {
    tokens = List.copyOf(tokens);
  }

  /** How many tokens have a log-probability. */
  public long scored() {
    return tokens.stream().filter(token -> token.logProb().isPresent()).count();
  }

  /** exp of the mean negative log-probability; NaN if no token has one. */
  public double perplexity() {
    return StrictMath.exp(-logProb / scored());
  }
}
