package dev.lanewise.internal.model;

/** Guesses how a text goes on, so that one pass can check several tokens. Not thread-safe. */
interface Drafter {

  /** Guesses nothing: each token has a pass of its own. */
  Drafter NONE = (ids, length, draft) -> 0;

  /**
   * Guesses the tokens after {@code ids[0, length)}. A wrong guess costs time, nothing else.
   *
   * @param draft receives them, at most as many as it is long
   * @return how many
   */
  int draft(int[] ids, int length, int[] draft);
}
