package dev.lanewise;

import dev.lanewise.internal.model.AnswerLoop;
import dev.lanewise.internal.model.AnswerLoop.Candidate;
import dev.lanewise.internal.model.LoadedModel;
import dev.lanewise.internal.model.ScoringLoop;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

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
    int[] before = model.textEncoder().encodeWithoutEnd(context);
    Candidate joint = joint(context, before, text, text.toString());
    return ScoringLoop.run(model, joint.ids(), joint.from());
  }

  /** Context and answer tokenized as one; the answer's tokens are those the context has not. */
  private Candidate joint(CharSequence context, int[] before, CharSequence text, String name) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the text is empty");
    }
    int[] ids = model.textEncoder().encode(context + text.toString(), Truncation.ERROR).ids();
    int common = 0;
    while (common < before.length && common < ids.length && before[common] == ids[common]) {
      common++;
    }
    return new Candidate(name, ids, common);
  }

  /**
   * Ranks answers by how likely the model finds them after a context: any language model is a
   * classifier that way ("zero-shot"; Radford et al. 2018, 5.2), as good as the question is put.
   *
   * <p>Between context and answer stands one space, unless one of them has white space there. Both
   * are tokenized as one text, as {@link #score(CharSequence, CharSequence)} does. What all answers
   * have before them is computed once.
   *
   * @param answers at least one, none empty
   * @return best first, equal ones in their order
   * @throws IllegalArgumentException if there is no answer, one is empty or has no token of its
   *     own, the context is empty, a text has an unpaired surrogate, or context and answer are
   *     longer than the model's context ({@link ContextLengthException})
   * @throws IllegalStateException as {@link #score(CharSequence)}
   */
  public List<AnswerScore> rank(
      CharSequence context, List<? extends CharSequence> answers, AnswerScore.By by) {
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("there are no answers");
    }
    int[] before = model.textEncoder().encodeWithoutEnd(context);
    List<Candidate> candidates = new ArrayList<>();
    for (CharSequence answer : answers) {
      if (answer.isEmpty()) {
        throw new IllegalArgumentException("answer %d is empty".formatted(candidates.size() + 1));
      }
      boolean apart =
          context.isEmpty()
              || Character.isWhitespace(context.charAt(context.length() - 1))
              || Character.isWhitespace(answer.charAt(0));
      Candidate candidate =
          joint(context, before, apart ? answer : " " + answer, answer.toString());
      if (candidate.from() == 0) {
        throw new IllegalArgumentException(
            "the context has no token that is there with the answer");
      }
      if (candidate.from() == candidate.ids().length) {
        throw new IllegalArgumentException("'%s' has no token of its own".formatted(answer));
      }
      candidates.add(candidate);
    }
    return AnswerLoop.run(model, candidates, by);
  }

  /**
   * Scores a text of any length, in windows of the model's context: each but the first begins
   * {@code stride} tokens behind the one before it and scores what that did not. A short stride
   * gives each token more of what stands before it, and takes longer. The first token has nothing
   * before it and is not scored; no start token is put there.
   *
   * @param stride 1 to the context less 1
   * @param done hears how many tokens are done, on this thread
   * @throws IllegalArgumentException if the text is empty or has an unpaired surrogate, or the
   *     stride is out of range
   * @throws IllegalStateException as {@link #score(CharSequence)}
   */
  public Perplexity perplexity(CharSequence text, int stride, IntConsumer done) {
    int most = model.config().nPositions() - 1;
    if (stride < 1 || stride > most) {
      throw new IllegalArgumentException(
          "stride must be 1 to %d, found %d".formatted(most, stride));
    }
    int[] ids = model.textEncoder().whole(text);
    return ScoringLoop.perplexity(model, ids, stride, done);
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
