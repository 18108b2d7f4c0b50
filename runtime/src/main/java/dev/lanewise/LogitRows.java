package dev.lanewise;

/** Receives a language model's logits, one row for each token of a text. */
@FunctionalInterface
public interface LogitRows {

  /**
   * Takes a row.
   *
   * @param position of the token that was read last, from 0
   * @param logits for the token after it, by id; the array is used again for the next row
   */
  void accept(int position, float[] logits);
}
