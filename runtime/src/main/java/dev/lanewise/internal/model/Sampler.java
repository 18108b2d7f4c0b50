package dev.lanewise.internal.model;

import dev.lanewise.GenerationOptions;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Draws the next token from logits. Sums are doubles in one order and exp is {@link StrictMath}'s,
 * so that a seed gives the same tokens on every machine. Not thread-safe.
 */
final class Sampler {

  private final GenerationOptions options;
  private final SplittableRandom random;
  private final int vocab;

  /** Ids of the candidates, likeliest first, equal ones by id; only when sampling. */
  private final int[] candidates;

  private final double[] weights;

  Sampler(GenerationOptions options, long seed, int vocab) {
    this.options = options;
    this.random = new SplittableRandom(seed);
    this.vocab = vocab;
    int size = options.topK() == 0 ? vocab : Math.min(options.topK(), vocab);
    this.candidates = new int[options.isGreedy() ? 0 : size];
    this.weights = new double[candidates.length];
  }

  /**
   * The next token.
   *
   * @param logits {@code (vocab)}
   * @throws IllegalStateException if a logit is NaN or infinite
   */
  int next(MemorySegment logits) {
    int best = likeliest(logits);
    if (options.isGreedy()) {
      return best;
    }
    if (candidates.length == vocab) {
      for (int id = 0; id < vocab; id++) {
        candidates[id] = id;
      }
    } else {
      selectTop(logits);
    }
    double max = logit(logits, best);
    double sum = 0;
    for (int i = 0; i < candidates.length; i++) {
      weights[i] = StrictMath.exp((logit(logits, candidates[i]) - max) / options.temperature());
      sum += weights[i];
    }
    double left = random.nextDouble() * sum;
    int last = 0;
    for (int i = 0; i < candidates.length; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          break;
        }
      }
    }
    return candidates[last];
  }

  private int likeliest(MemorySegment logits) {
    int best = 0;
    float max = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocab; id++) {
      float logit = logit(logits, id);
      if (!Float.isFinite(logit)) {
        throw new IllegalStateException(
            "logit %d of %d is %s: the weights hold such values, or they overflow"
                .formatted(id, vocab, logit));
      }
      if (logit > max) {
        max = logit;
        best = id;
      }
    }
    return best;
  }

  /** Fills the candidates by a bounded heap whose root is the least likely of them, then sorts. */
  private void selectTop(MemorySegment logits) {
    int k = candidates.length;
    for (int id = 0; id < k; id++) {
      candidates[id] = id;
    }
    for (int i = k / 2 - 1; i >= 0; i--) {
      siftDown(logits, i, k);
    }
    for (int id = k; id < vocab; id++) {
      if (before(logits, id, candidates[0])) {
        candidates[0] = id;
        siftDown(logits, 0, k);
      }
    }
    for (int size = k - 1; size > 0; size--) {
      int least = candidates[0];
      candidates[0] = candidates[size];
      candidates[size] = least;
      siftDown(logits, 0, size);
    }
  }

  private void siftDown(MemorySegment logits, int root, int size) {
    int at = root;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(logits, candidates[child], candidates[child + 1])) {
        child++;
      }
      if (!before(logits, candidates[at], candidates[child])) {
        return;
      }
      int id = candidates[at];
      candidates[at] = candidates[child];
      candidates[child] = id;
      at = child;
    }
  }

  /** Whether {@code a} is likelier than {@code b}; equal ones by id. */
  private static boolean before(MemorySegment logits, int a, int b) {
    int order = Float.compare(logit(logits, a), logit(logits, b));
    return order > 0 || (order == 0 && a < b);
  }

  private static float logit(MemorySegment logits, int id) {
    return logits.get(OutputHead.FLOAT, (long) id * Float.BYTES);
  }
}
