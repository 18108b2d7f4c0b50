package dev.lanewise;

/** A text has more tokens than the model's context holds. */
public final class ContextLengthException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final int tokens;
  private final int limit;

  /** Says both lengths. */
  public ContextLengthException(int tokens, int limit) {
    super("the text has %d tokens, the model's context holds %d".formatted(tokens, limit));
    this.tokens = tokens;
    this.limit = limit;
  }

  /** Tokens of the text, template included. */
  public int tokens() {
    return tokens;
  }

  /** Tokens that the model takes. */
  public int limit() {
    return limit;
  }
}
