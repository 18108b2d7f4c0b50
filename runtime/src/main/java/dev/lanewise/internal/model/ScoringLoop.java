package dev.lanewise.internal.model;

import dev.lanewise.LogitRows;
import dev.lanewise.Perplexity;
import dev.lanewise.Score;
import dev.lanewise.TokenScore;
import dev.lanewise.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/** Log-probability of each token given all before it. */
public final class ScoringLoop {

  /** Rows of logits at a time: a matrix of the whole text's could be hundreds of megabytes. */
  private static final int LOGIT_ROWS = 16;

  private ScoringLoop() {}

  /**
   * Scores the tokens from {@code from} on.
   *
   * @param ids that were checked
   */
  public static Score run(LoadedModel model, int[] ids, int from) {
    double[] logProbs = new double[ids.length];
    model.call(
        forward -> {
          forward.begin(ids.length, false);
          logProbs(model, forward, ids, Math.max(1, from), logProbs);
        });
    Tokenizer tokenizer = model.tokenizerOrNull();
    List<TokenScore> tokens = new ArrayList<>(ids.length - from);
    double sum = 0;
    for (int i = from; i < ids.length; i++) {
      OptionalDouble logProb = i == 0 ? OptionalDouble.empty() : OptionalDouble.of(logProbs[i]);
      sum += logProb.orElse(0);
      String text = tokenizer == null ? "" : tokenizer.decode(new int[] {ids[i]}, false);
      tokens.add(new TokenScore(ids[i], text, logProb));
    }
    return new Score(sum, tokens);
  }

  /**
   * Scores a text of any length in windows of the context. After the first window each begins
   * {@code stride} tokens later, and the tokens that no window before it scored are scored there:
   * all have at least context - stride tokens before them, but for those of the first window.
   *
   * @param ids below the vocabulary's size, at least one
   * @param stride 1 to the context less 1
   * @param done hears how many tokens are done
   */
  public static Perplexity perplexity(LoadedModel model, int[] ids, int stride, IntConsumer done) {
    int context = model.config().nPositions();
    double sum = 0;
    int scored = 1; // tokens before this one are done; the first has nothing before it
    int windows = 0;
    int start = 0;
    while (scored < ids.length || windows == 0) {
      int end = Math.min(ids.length, start + context);
      int[] window = model.ids(Arrays.copyOfRange(ids, start, end)).ids();
      double[] logProbs = new double[window.length];
      int first = scored - start;
      model.call(
          forward -> {
            forward.begin(window.length, false);
            logProbs(model, forward, window, first, logProbs);
          });
      for (; scored < end; scored++) {
        sum += logProbs[scored - start];
      }
      windows++;
      start += stride;
      done.accept(end);
    }
    return new Perplexity(sum, ids.length - 1L, windows);
  }

  /**
   * Hands on the logits of each token.
   *
   * @param ids that were checked
   */
  public static void logits(LoadedModel model, int[] ids, LogitRows rows) {
    float[] row = new float[model.config().vocabSize()];
    model.call(forward -> logits(forward, ids, row, rows));
  }

  private static void logits(Forward forward, int[] ids, float[] row, LogitRows rows) {
    forward.begin(ids.length, false);
    for (int from = 0; from < ids.length; from += Forward.MAX_ROWS) {
      int to = Math.min(ids.length, from + Forward.MAX_ROWS);
      forward.run(ids, from, to, Need.ALL, null);
      for (int position = from; position < to; position++) {
        MemorySegment logits = forward.logits(position - from, 1);
        MemorySegment.copy(logits, OutputHead.FLOAT, 0, row, 0, row.length);
        rows.accept(position, row);
      }
    }
  }

  /**
   * Fills {@code logProbs[i]} for i from {@code first}: the log-probability of ids[i] given
   * ids[0..i).
   *
   * @param forward has seen some of the ids before {@code first - 1}, or none
   * @param first at least 1
   */
  static void logProbs(
      LoadedModel model, Forward forward, int[] ids, int first, double[] logProbs) {
    long rowBytes = (long) model.config().vocabSize() * Float.BYTES;
    int scored = ids.length - 1;
    for (int from = forward.position(); from < scored; from += Forward.MAX_ROWS) {
      int rows = Math.min(scored - from, Forward.MAX_ROWS);
      int asked = Math.clamp(first - 1L - from, 0, rows);
      forward.run(ids, from, from + rows, asked == rows ? Need.NONE : Need.ALL, null);
      for (int row = asked; row < rows; row += LOGIT_ROWS) {
        int count = Math.min(LOGIT_ROWS, rows - row);
        MemorySegment logits = forward.logits(row, count);
        for (int i = 0; i < count; i++) {
          int next = from + row + i + 1;
          float logit = logits.get(OutputHead.FLOAT, i * rowBytes + (long) ids[next] * Float.BYTES);
          double logProb =
              (double) logit
                  - forward
                      .kernels()
                      .logSumExp(logits, i * rowBytes, (int) (rowBytes / Float.BYTES));
          if (!Double.isFinite(logProb)) {
            throw new IllegalStateException(
                "the log-probability of token %d is %s: the weights hold such values, or they overflow"
                    .formatted(next, logProb));
          }
          logProbs[next] = logProb;
        }
      }
    }
  }
}
