package dev.lanewise;

/** What happens to a text that is longer than the context. A template's tokens are never cut. */
public enum Truncation {
  /** {@link ContextLengthException}. */
  ERROR,
  /** The text's end is cut off. */
  KEEP_START,
  /** The text's start is cut off. */
  KEEP_END
}
