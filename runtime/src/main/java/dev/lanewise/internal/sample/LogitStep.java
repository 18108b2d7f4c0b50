package dev.lanewise.internal.sample;

/**
 * Something that changes what the model says about the next token, before any token is drawn. Works
 * on logits as on log-probabilities, and keeps nothing of one call for the next, so that the ids
 * may be those of any sequence. Not thread-safe: it may have buffers.
 */
public interface LogitStep {

  /**
   * Changes scores in place.
   *
   * @param scores {@code (vocab)}; negative infinity excludes a token
   * @param ids of the sequence, prompt and all
   * @param length how many of {@code ids} count
   */
  void apply(double[] scores, int[] ids, int length);
}
