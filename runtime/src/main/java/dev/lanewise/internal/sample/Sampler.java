package dev.lanewise.internal.sample;

import dev.lanewise.GenerationOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the next token from logits. The order is that of the transformers library: the steps of
 * {@link LogitSteps}, temperature, top-k, top-p, min-p, typical-p; each filter sees the
 * probabilities of what the one before it left, scaled to 1. Greedy, what comes after the steps is
 * left out.
 *
 * <p>All of it is arithmetic on doubles in one order with {@link StrictMath}, so that a seed gives
 * the same tokens on every machine. A call allocates nothing. Not thread-safe.
 */
public final class Sampler {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final boolean greedy;
  private final double temperature;
  private final int vocab;
  private final SplitMix64 random;
  private final LogitStep[] steps;
  private final CandidateFilter[] filters;

  /** {@code (vocab)}; none where the likeliest is taken as the model says. */
  private final double[] scores;

  private final Candidates candidates;

  /**
   * A sampler for one sequence.
   *
   * @param steps see {@link LogitSteps}
   */
  public Sampler(GenerationOptions options, List<LogitStep> steps, long seed, int vocab) {
    this.greedy = options.isGreedy();
    this.temperature = options.temperature();
    this.vocab = vocab;
    this.random = new SplitMix64(seed);
    this.steps = steps.toArray(LogitStep[]::new);
    this.filters = filters(options);
    this.scores = new double[greedy && steps.isEmpty() ? 0 : vocab];
    int room = options.topK() == 0 ? vocab : Math.min(options.topK(), vocab);
    this.candidates = new Candidates(greedy ? 0 : room);
  }

  private static CandidateFilter[] filters(GenerationOptions options) {
    List<CandidateFilter> filters = new ArrayList<>();
    if (options.topP() < 1) {
      filters.add(new TopP(options.topP()));
    }
    if (options.minP() > 0) {
      filters.add(new MinP(options.minP()));
    }
    if (options.typicalP() < 1) {
      filters.add(new TypicalP(options.typicalP()));
    }
    return filters.toArray(CandidateFilter[]::new);
  }

  /**
   * The next token.
   *
   * @param logits {@code (vocab)}
   * @param ids of the sequence so far
   * @param length how many of {@code ids} count
   * @throws IllegalStateException if a logit is NaN or infinite, or every token is excluded
   */
  public int next(MemorySegment logits, int[] ids, int length) {
    if (scores.length == 0) {
      return likeliest(logits);
    }
    return greedy
        ? score(logits, ids, length)
        : candidates(logits, ids, length).draw(random.nextDouble());
  }

  /**
   * What would be drawn from; valid until the next call. Not for greedy options.
   *
   * @throws IllegalStateException as {@link #next}
   */
  Candidates candidates(MemorySegment logits, int[] ids, int length) {
    int best = score(logits, ids, length);
    candidates.begin(scores, scores[best], temperature);
    for (CandidateFilter filter : filters) {
      filter.apply(candidates);
    }
    return candidates;
  }

  /** Fills the scores, and gives the id of the greatest. */
  private int score(MemorySegment logits, int[] ids, int length) {
    for (int id = 0; id < vocab; id++) {
      scores[id] = finite(logits, id);
    }
    for (LogitStep step : steps) {
      step.apply(scores, ids, length);
    }
    int best = 0;
    for (int id = 1; id < vocab; id++) {
      if (scores[id] > scores[best]) {
        best = id;
      }
    }
    if (scores[best] == Double.NEGATIVE_INFINITY) {
      throw new IllegalStateException(
          "no token is left to follow %d tokens: banned ids and repeated n-grams exclude all %d"
              .formatted(length, vocab));
    }
    return best;
  }

  private int likeliest(MemorySegment logits) {
    int best = 0;
    float max = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocab; id++) {
      float logit = finite(logits, id);
      if (logit > max) {
        max = logit;
        best = id;
      }
    }
    return best;
  }

  private float finite(MemorySegment logits, int id) {
    float logit = logits.get(FLOAT, (long) id * Float.BYTES);
    if (!Float.isFinite(logit)) {
      throw new IllegalStateException(
          "logit %d of %d is %s: the weights hold such values, or they overflow"
              .formatted(id, vocab, logit));
    }
    return logit;
  }
}
