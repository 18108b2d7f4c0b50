package dev.lanewise.internal.sample;

/**
 * OpenAI's presence and frequency penalty: of an id that was generated c times, {@code c *
 * frequency} is subtracted, and {@code presence} once if c is at least 1. The prompt does not
 * count. Negative penalties make repetition likelier.
 */
final class CountPenalties implements LogitStep {

  private final double presence;
  private final double frequency;
  private final int promptLength;

  /** How often the call under way has seen an id; all 0 between calls. */
  private final int[] counts;

  CountPenalties(double presence, double frequency, int promptLength, int vocab) {
    this.presence = presence;
    this.frequency = frequency;
    this.promptLength = promptLength;
    this.counts = new int[vocab];
  }

  @Override
  public void apply(double[] scores, int[] ids, int length) {
    for (int i = promptLength; i < length; i++) {
      counts[ids[i]]++;
    }
    for (int i = promptLength; i < length; i++) {
      int count = counts[ids[i]];
      if (count > 0) {
        scores[ids[i]] -= count * frequency + presence;
        counts[ids[i]] = 0;
      }
    }
  }
}
