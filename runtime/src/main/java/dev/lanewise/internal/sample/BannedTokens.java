package dev.lanewise.internal.sample;

import java.util.Collection;

/** Excludes some ids always. */
final class BannedTokens implements LogitStep {

  private final int[] banned;

  BannedTokens(Collection<Integer> banned) {
    this.banned = banned.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  @Override
  public void apply(double[] scores, int[] ids, int length) {
    for (int id : banned) {
      scores[id] = Double.NEGATIVE_INFINITY;
    }
  }
}
