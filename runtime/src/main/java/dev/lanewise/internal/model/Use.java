package dev.lanewise.internal.model;

/** What a model is opened for, which decides what of it is loaded. */
public enum Use {
  /** Hidden states, and a head on them: no output matrix. */
  STATES,
  /** Probabilities of tokens. */
  TOKENS
}
