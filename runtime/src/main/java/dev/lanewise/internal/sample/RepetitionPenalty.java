package dev.lanewise.internal.sample;

/**
 * Makes what the sequence has less likely, once for each distinct id, those of the prompt included:
 * a positive score is divided by the penalty, a negative one multiplied, so that both fall. Source:
 * "CTRL: A Conditional Transformer Language Model" (Keskar et al. 2019), 4.1; the paper divides any
 * score, which would raise the negative ones.
 */
final class RepetitionPenalty implements LogitStep {

  private final double penalty;

  /** Ids that the call under way has seen; all false between calls. */
  private final boolean[] seen;

  RepetitionPenalty(double penalty, int vocab) {
    this.penalty = penalty;
    this.seen = new boolean[vocab];
  }

  @Override
  public void apply(double[] scores, int[] ids, int length) {
    for (int i = 0; i < length; i++) {
      int id = ids[i];
      if (!seen[id]) {
        seen[id] = true;
        scores[id] = scores[id] > 0 ? scores[id] / penalty : scores[id] * penalty;
      }
    }
    for (int i = 0; i < length; i++) {
      seen[ids[i]] = false;
    }
  }
}
