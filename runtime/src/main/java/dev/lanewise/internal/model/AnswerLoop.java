package dev.lanewise.internal.model;

import dev.lanewise.AnswerScore;
import dev.lanewise.AnswerScore.By;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Ranks answers to a context. What their ids begin with alike is computed once. */
public final class AnswerLoop {

  private AnswerLoop() {}

  /**
   * An answer behind its context.
   *
   * @param ids of both, that were checked
   * @param from the first of the answer's, at least 1
   */
  @SuppressWarnings("ArrayRecordComponent") // internal, never compared
  public record Candidate(String text, int[] ids, int from) {}

  /** Best first, equal ones in their order. */
  public static List<AnswerScore> run(LoadedModel model, List<Candidate> candidates, By by) {
    double[] sums = new double[candidates.size()];
    int shared = shared(candidates);
    int longest = candidates.stream().mapToInt(c -> c.ids().length).max().orElse(0);
    model.call(
        forward -> {
          forward.begin(longest, true);
          forward.runAll(candidates.getFirst().ids(), 0, shared, Need.NONE, null);
          for (int i = 0; i < sums.length; i++) {
            Candidate candidate = candidates.get(i);
            forward.rewind(shared);
            double[] logProbs = new double[candidate.ids().length];
            ScoringLoop.logProbs(model, forward, candidate.ids(), candidate.from(), logProbs);
            for (int t = candidate.from(); t < logProbs.length; t++) {
              sums[i] += logProbs[t];
            }
          }
        });
    return ranked(candidates, sums, by);
  }

  /** Ids before the first one whose logits any candidate needs, or that is another in one. */
  private static int shared(List<Candidate> candidates) {
    int[] first = candidates.getFirst().ids();
    int shared = Integer.MAX_VALUE;
    for (Candidate candidate : candidates) {
      int common = 0;
      int limit = Math.min(candidate.from() - 1, first.length);
      while (common < limit && candidate.ids()[common] == first[common]) {
        common++;
      }
      shared = Math.min(shared, common);
    }
    return shared;
  }

  private static List<AnswerScore> ranked(List<Candidate> candidates, double[] sums, By by) {
    double[] ranks = new double[sums.length];
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < ranks.length; i++) {
      int tokens = candidates.get(i).ids().length - candidates.get(i).from();
      ranks[i] = by == By.SUM ? sums[i] : sums[i] / tokens;
      max = Math.max(max, ranks[i]);
    }
    double total = 0;
    for (double rank : ranks) {
      total += StrictMath.exp(rank - max);
    }
    List<AnswerScore> scores = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      Candidate candidate = candidates.get(i);
      scores.add(
          new AnswerScore(
              candidate.text(),
              i,
              sums[i],
              candidate.ids().length - candidate.from(),
              StrictMath.exp(ranks[i] - max) / total));
    }
    scores.sort(Comparator.comparingDouble((AnswerScore s) -> ranks[s.index()]).reversed());
    return scores;
  }
}
