package dev.lanewise;

import dev.lanewise.internal.model.ClassificationHead;
import dev.lanewise.internal.model.LoadedModel;
import dev.lanewise.internal.model.ScoringLoop;
import dev.lanewise.internal.model.TextInput;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A fine-tuned GPT-1 or GPT-2 with a linear head on its last token ("Improving Language
 * Understanding by Generative Pre-Training", 3.2), opened straight from its folder.
 *
 * <p>Thread-safe: any number of threads, virtual ones too, may call one instance; each call uses
 * the caller's thread unless {@link ModelOptions#threads} says otherwise. The same text gives the
 * same bits on every machine with FMA, whatever the number of threads. Close it when no longer
 * needed; calls after that throw {@link IllegalStateException}, calls under way end normally.
 *
 * <p>A temperature that is stored in the folder is used ({@link Calibration}), unless {@link
 * ModelOptions#calibrated} is false.
 */
public final class TextClassifier implements AutoCloseable {

  private final LoadedModel model;
  private final ClassificationHead head;

  private TextClassifier(LoadedModel model, ClassificationHead head) {
    this.model = model;
    this.head = head;
    model.closeWhenUnreachable(this);
  }

  /**
   * Opens a model folder, or a weight file with its config and tokenizer beside it.
   *
   * @throws IOException if a file is missing, broken or not supported, or if the model has no
   *     classification head
   */
  public static TextClassifier open(Path path) throws IOException {
    return open(path, ModelOptions.defaults());
  }

  /**
   * Opens a model with options.
   *
   * @throws IOException as {@link #open(Path)}
   */
  public static TextClassifier open(Path path, ModelOptions options) throws IOException {
    LoadedModel model = LoadedModel.open(path, options, 1);
    try {
      ClassificationHead head = ClassificationHead.of(model, options.labels());
      OptionalDouble temperature =
          options.calibrated() ? Calibration.read(model.folder()) : OptionalDouble.empty();
      if (temperature.isPresent()) {
        head = head.withTemperature(temperature.getAsDouble());
      }
      return new TextClassifier(model, head);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Classifies a text; one that is too long is an error.
   *
   * @throws IllegalArgumentException if the text is empty, has an unpaired surrogate, or is too
   *     long ({@link ContextLengthException})
   * @throws IllegalStateException if this is closed, the folder has no tokenizer, or a logit is NaN
   */
  public Classification classify(CharSequence text) {
    return classify(text, Truncation.ERROR);
  }

  /**
   * Classifies a text.
   *
   * @param truncation what happens if the text is too long
   * @throws IllegalArgumentException as {@link #classify(CharSequence)}
   * @throws IllegalStateException as {@link #classify(CharSequence)}
   */
  public Classification classify(CharSequence text, Truncation truncation) {
    return classify(model.textEncoder().encode(text, truncation));
  }

  /**
   * Classifies ids as they are: no template, no truncation.
   *
   * @throws IllegalArgumentException if there are none, too many, or one is out of range
   * @throws IllegalStateException if this is closed or a logit is NaN
   */
  public Classification classify(int[] ids) {
    return classify(model.ids(ids));
  }

  private Classification classify(TextInput input) {
    int[] ids = input.ids();
    int length = head.pooledLength(ids);
    float[] logits = new float[head.labels().size()];
    model.classify(ids, length, logits);
    return new Classification(head.scores(logits), ids.length, input.truncated(), 1);
  }

  /**
   * Runs kernels until they are compiled, then the model, so that the calls that follow are as fast
   * as they will get. Takes a second or two; without it the first calls run on scalar kernels while
   * the vector ones are compiled in the background.
   */
  public void warmUp() {
    model.warmUpKernels();
    int[] ids = new int[Math.min(64, model.config().nPositions())];
    for (int i = 0; i < 3; i++) {
      classify(ids);
    }
  }

  /**
   * Whether the checkpoint has an output matrix, its own or the tied embedding, so that {@link
   * #logLikelihood} has something to compute with.
   */
  public boolean hasLanguageModel() {
    return model.hasOutput();
  }

  /**
   * The language model's log-likelihood of the sequence that {@link #classify(CharSequence,
   * Truncation)} reads, template included: the auxiliary objective of "Improving Language
   * Understanding by Generative Pre-Training", 3.2.
   *
   * @throws IllegalArgumentException as {@link #classify(CharSequence)}
   * @throws IllegalStateException as {@link #classify(CharSequence)}, and if there is no language
   *     model
   */
  public Score logLikelihood(CharSequence text, Truncation truncation) {
    return ScoringLoop.run(model, model.textEncoder().encode(text, truncation).ids(), 0);
  }

  /** What logits are divided by before they become probabilities: 1, or as calibrated. */
  public double temperature() {
    return head.temperature();
  }

  /** Names of the classes, by id. */
  public List<String> labels() {
    return head.labels();
  }

  /** The model's configuration. */
  public ModelConfig config() {
    return model.config();
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
