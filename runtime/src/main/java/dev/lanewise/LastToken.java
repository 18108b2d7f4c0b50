package dev.lanewise;

/** Which token a head reads of ids that may end in padding. Texts are never padded here. */
public enum LastToken {
  /**
   * As transformers does: the last one that is not the config's pad id, also where that is a text's
   * own last token (pad and end of text often are one); without pad id the last one.
   */
  AUTO,
  /** The last one, whatever it is. */
  LAST,
  /** The last one that is not the pad id; the config must have one. */
  LAST_NON_PAD
}
