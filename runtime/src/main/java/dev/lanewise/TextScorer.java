package dev.lanewise;

import dev.lanewise.internal.model.LoadedModel;
import dev.lanewise.internal.model.ScoringLoop;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Log-likelihood of texts under a GPT-1 or GPT-2 language model: L1 of "Improving Language
 * Understanding by Generative Pre-Training", 3.1.
 *
 * <p>Thread-safe, as {@link TextGenerator}.
 */
public final class TextScorer implements AutoCloseable {

  private final LoadedModel model;

  private TextScorer(LoadedModel model) {
    this.model = model;
    model.closeWhenUnreachable(this);
  }

  /**
   * Opens a model folder, or a weight file with its config and tokenizer beside it.
   *
   * @throws IOException if a file is missing, broken or not supported
   */
  public static TextScorer open(Path path) throws IOException {
    return open(path, ModelOptions.defaults());
  }

  /**
   * Opens a model with options.
   *
   * @throws IOException as {@link #open(Path)}
   */
  public static TextScorer open(Path path, ModelOptions options) throws IOException {
    return new TextScorer(
        LoadedModel.open(path, options, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * Scores a text. Its first token has nothing before it and no log-probability.
   *
   * @throws IllegalArgumentException if the text is empty, has an unpaired surrogate, or is longer
   *     than the context ({@link ContextLengthException})
   * @throws IllegalStateException if this is closed, the folder has no tokenizer, or a logit is NaN
   */
  public Score score(CharSequence text) {
    return score(model.textEncoder().encode(text, Truncation.ERROR).ids());
  }

  /**
   * Scores a text that follows a context. Both are tokenized as one text; the tokens that are
   * counted are those after the ones that context and joined text begin with alike.
   *
   * @throws IllegalArgumentException as {@link #score(CharSequence)}
   * @throws IllegalStateException as {@link #score(CharSequence)}
   */
  public Score score(CharSequence context, CharSequence text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the text is empty");
    }
    int[] ids = model.textEncoder().encode(context + text.toString(), Truncation.ERROR).ids();
    int[] before = model.textEncoder().encodeWithoutEnd(context);
    int common = 0;
    while (common < before.length && common < ids.length && before[common] == ids[common]) {
      common++;
    }
    return ScoringLoop.run(model, ids, common);
  }

  /**
   * Scores ids.
   *
   * @throws IllegalArgumentException if there are none, too many, or one is out of range
   * @throws IllegalStateException if this is closed or a logit is NaN
   */
  public Score score(int[] ids) {
    return ScoringLoop.run(model, model.ids(ids).ids(), 0);
  }

  /**
   * The logits of every token of a text, as the output matrix gives them: before any softmax.
   *
   * @param rows receives them in order, on this thread; must not call this model
   * @throws IllegalArgumentException if there are no ids, too many, or one is out of range
   * @throws IllegalStateException if this is closed, or there is no output matrix
   */
  public void logits(int[] ids, LogitRows rows) {
    ScoringLoop.logits(model, model.ids(ids).ids(), rows);
  }

  /** Whether the checkpoint has an output matrix, its own or the tied embedding. */
  public boolean hasLanguageModel() {
    return model.hasOutput();
  }

  /** The model's configuration. */
  public ModelConfig config() {
    return model.config();
  }

  /**
   * Runs kernels until they are compiled. Takes a second or two; without it the first calls run on
   * scalar kernels while the vector ones are compiled in the background.
   */
  public void warmUp() {
    model.warmUpKernels();
  }

  /**
   * The model's tokenizer.
   *
   * @throws IllegalStateException if the folder has none
   */
  public Tokenizer tokenizer() {
    return model.tokenizer();
  }

  /** What this computes with. */
  public Backend backend() {
    return model.backend();
  }

  /** Frees the model once running calls have ended. Idempotent. */
  @Override
  public void close() {
    model.close();
  }
}
