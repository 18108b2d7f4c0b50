package dev.lanewise.internal.sample;

/**
 * Excludes each token that would complete a run of n tokens which the sequence, prompt included,
 * has already ("A Deep Reinforced Model for Abstractive Summarization", Paulus et al. 2018, 2.5).
 */
final class NoRepeatNgram implements LogitStep {

  private final int n;

  NoRepeatNgram(int n) {
    this.n = n;
  }

  @Override
  public void apply(double[] scores, int[] ids, int length) {
    int tail = length - (n - 1);
    // The tail itself, which begins at `tail`, has no token after it.
    for (int from = 0; from < tail; from++) {
      if (matches(ids, from, tail)) {
        scores[ids[from + n - 1]] = Double.NEGATIVE_INFINITY;
      }
    }
  }

  private boolean matches(int[] ids, int from, int tail) {
    for (int i = 0; i < n - 1; i++) {
      if (ids[from + i] != ids[tail + i]) {
        return false;
      }
    }
    return true;
  }
}
