package dev.lanewise;

/**
 * What happens to an input that is longer than the context. A template's tokens, the extract token
 * among them, are never cut. Of two texts the longer one is cut until they are as long as each
 * other, then both; of a context and answers the context alone.
 */
public enum Truncation {
  /** {@link ContextLengthException}. */
  ERROR,
  /** The text's end is cut off. */
  KEEP_START,
  /** The text's start is cut off. */
  KEEP_END,
  /**
   * Nothing is cut off: the text is read in windows that overlap, each in the template, and the
   * logits are the means of the windows'. Of two texts the second one is whole in each window. Not
   * for similarity and multiple choice.
   */
  WINDOWS
}
