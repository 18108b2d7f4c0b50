package dev.lanewise;

/** What happens to a GPT-1 text before it is split into pieces. GPT-2 has nothing of the kind. */
public enum Preprocessing {
  /** As the model's folder says: {@link #ORIGINAL} for the files of the 2018 release. */
  AUTO,
  /**
   * As the 2018 release did: broken characters repaired, punctuation set apart, the rules of an
   * English tokenizer, lower case. Unpaired surrogates become U+FFFD.
   */
  ORIGINAL,
  /** As the transformers library does: cleaned, accents stripped, split at punctuation. */
  TRANSFORMERS
}
