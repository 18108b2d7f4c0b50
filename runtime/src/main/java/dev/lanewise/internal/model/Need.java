package dev.lanewise.internal.model;

/** Which rows the last block must compute in full; for all others keys and values are enough. */
enum Need {
  /** None: more of the same text follows. */
  NONE,
  /** The last token's. */
  LAST,
  /** Every token's. */
  ALL
}
