package dev.lanewise;

import dev.lanewise.internal.model.ClassificationHead;
import dev.lanewise.internal.model.HeadRuns;
import dev.lanewise.internal.model.LoadedModel;
import dev.lanewise.internal.model.TextEncoder;
import dev.lanewise.internal.model.TextInput;
import dev.lanewise.internal.model.Use;
import dev.lanewise.loader.ClassifierConfig;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.ModelConfig.ProblemType;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
  private final HeadRuns runs;
  private final @Nullable TextEncoder encoder;
  private final @Nullable Task task;

  private TextClassifier(LoadedModel model, ModelOptions options, ClassifierOptions classifier)
      throws IOException {
    this.model = model;
    this.head = ClassificationHead.of(model, options, classifier);
    this.runs = new HeadRuns(model, head);
    ClassifierConfig said = ClassifierConfig.of(model.config());
    this.encoder = model.hasTokenizer() ? model.textEncoder().with(classifier, said) : null;
    this.task = classifier.task() != null ? classifier.task() : task(model, said.task());
    model.closeWhenUnreachable(this);
  }

  private static @Nullable Task task(LoadedModel model, @Nullable String said)
      throws UnsupportedCheckpointException {
    if (said == null) {
      return null;
    }
    return Task.of(said)
        .orElseThrow(
            () ->
                new UnsupportedCheckpointException(
                    "%s: the config's task is '%s'; supported: classification, entailment, similarity, multiple-choice"
                        .formatted(model.folder(), said)));
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
    return open(path, options, ClassifierOptions.defaults());
  }

  /**
   * Opens a model with options.
   *
   * @throws IOException as {@link #open(Path)}
   * @throws IllegalArgumentException if a token of the options is none of the vocabulary
   */
  public static TextClassifier open(Path path, ModelOptions options, ClassifierOptions classifier)
      throws IOException {
    LoadedModel model = LoadedModel.open(path, options, Use.STATES, 1);
    try {
      return new TextClassifier(model, options, classifier);
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
   * @throws IllegalStateException if this is closed, the folder has no tokenizer, the model's task
   *     is another, or a logit is NaN
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
    return classify(text, truncation, false);
  }

  private Classification classify(CharSequence text, Truncation truncation, boolean alone) {
    requireTask(Task.CLASSIFICATION);
    List<TextInput> inputs = encoder().encodeAll(text, truncation);
    return result(runs.logits(inputs, alone), inputs, inputs.size());
  }

  /**
   * Classifies texts, as many at a time as the model has threads. Each result has the bits that it
   * has alone.
   *
   * @return the results, in the order of the texts
   * @throws IllegalArgumentException as {@link #classify(CharSequence)}, about any of them
   * @throws IllegalStateException as {@link #classify(CharSequence)}
   */
  public List<Classification> classifyAll(
      List<? extends CharSequence> texts, Truncation truncation) {
    @Nullable Classification[] results = new Classification[texts.size()];
    model.forEach(results.length, i -> results[i] = classify(texts.get(i), truncation, true));
    return Arrays.stream(results).map(Objects::requireNonNull).toList();
  }

  /**
   * Classifies two texts: entailment of the second by the first, or similarity where that is the
   * task.
   *
   * @param truncation what happens if they are too long together
   * @throws IllegalArgumentException as {@link #classify(CharSequence)}, if no token is known to
   *     part them, or for windows of similarity
   * @throws IllegalStateException as {@link #classify(CharSequence)}
   */
  public Classification classify(CharSequence first, CharSequence second, Truncation truncation) {
    if (task != Task.SIMILARITY) {
      requireTask(Task.ENTAILMENT);
      List<TextInput> inputs = encoder().encodePair(first, second, truncation);
      return result(runs.logits(inputs, false), inputs, inputs.size());
    }
    requireNoWindows(truncation);
    runs.requireClassifier();
    List<TextInput> both =
        List.of(
            encoder().encodePair(first, second, truncation).getFirst(),
            encoder().encodePair(second, first, truncation).getFirst());
    return result(runs.logitsOfSum(both, false), both, 1);
  }

  /**
   * Chooses among answers.
   *
   * @param answers at least one
   * @param truncation what happens to the context if it and an answer are too long together
   * @return a score for each answer, whose label is the answer and whose id its place
   * @throws IllegalArgumentException as {@link #classify(CharSequence, CharSequence, Truncation)}
   * @throws IllegalStateException as {@link #classify(CharSequence)}
   */
  public Classification choose(
      CharSequence context, List<? extends CharSequence> answers, Truncation truncation) {
    requireTask(Task.MULTIPLE_CHOICE);
    requireNoWindows(truncation);
    List<TextInput> inputs =
        answers.stream()
            .map(answer -> encoder().encodeAnswer(context, answer, truncation))
            .toList();
    return choose(inputs, answers.stream().map(CharSequence::toString).toList());
  }

  /**
   * Chooses among sequences of ids as they are; the labels are their places.
   *
   * @throws IllegalArgumentException if there are none, or as {@link #classify(int[])}
   * @throws IllegalStateException if this is closed or a score is NaN
   */
  public Classification choose(List<int[]> ids) {
    List<TextInput> inputs = ids.stream().map(model::ids).toList();
    return choose(inputs, IntStream.range(0, ids.size()).mapToObj(String::valueOf).toList());
  }

  private Classification choose(List<TextInput> inputs, List<String> answers) {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("there are no answers to choose from");
    }
    float[] scores = new float[inputs.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = runs.choice(inputs.get(i));
    }
    return result(ClassificationHead.choices(scores, answers), inputs, 1);
  }

  /**
   * Classifies ids as they are: no template, no truncation.
   *
   * @throws IllegalArgumentException if there are none, too many, or one is out of range
   * @throws IllegalStateException if this is closed or a logit is NaN
   */
  public Classification classify(int[] ids) {
    runs.requireClassifier();
    List<TextInput> inputs = List.of(model.ids(ids));
    return result(runs.logits(inputs, false), inputs, 1);
  }

  private Classification result(float[] logits, List<TextInput> inputs, int windows) {
    return result(head.scores(logits), inputs, windows);
  }

  private static Classification result(
      List<LabelScore> scores, List<TextInput> inputs, int windows) {
    int tokens = inputs.stream().mapToInt(input -> input.ids().length).sum();
    boolean truncated = inputs.stream().anyMatch(TextInput::truncated);
    return new Classification(scores, tokens, truncated, windows);
  }

  private TextEncoder encoder() {
    return encoder == null ? model.textEncoder() : encoder;
  }

  private void requireTask(Task wanted) {
    if (task != null && task != wanted) {
      throw new IllegalStateException(
          "the model's task is %s, not %s".formatted(task.label(), wanted.label()));
    }
    if (wanted != Task.MULTIPLE_CHOICE) {
      runs.requireClassifier();
    }
  }

  private static void requireNoWindows(Truncation truncation) {
    if (truncation == Truncation.WINDOWS) {
      throw new IllegalArgumentException(
          "windows are for one text, or for a premise and a hypothesis");
    }
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
      if (labels().isEmpty()) {
        choose(List.of(ids));
      } else {
        classify(ids);
      }
    }
  }

  /**
   * The ids of a text as {@link #classify(CharSequence)} would read it, template included, however
   * long it is.
   *
   * @throws IllegalArgumentException if the text is empty or has an unpaired surrogate
   * @throws IllegalStateException if the folder has no tokenizer
   */
  public int[] encode(CharSequence text) {
    return encoder().whole(text);
  }

  /**
   * The ids that {@link #classify(CharSequence, Truncation)} reads; of several windows the first.
   *
   * @throws IllegalArgumentException as {@link #classify(CharSequence)}
   * @throws IllegalStateException if the folder has no tokenizer
   */
  public int[] encode(CharSequence text, Truncation truncation) {
    return encoder().encode(text, truncation).ids();
  }

  /** What logits are divided by before they become probabilities: 1, or as calibrated. */
  public double temperature() {
    return head.temperature();
  }

  /** The task, where the options or the config name one. */
  public Optional<Task> task() {
    return Optional.ofNullable(task);
  }

  /** How the head's outputs are read. */
  public ProblemType problemType() {
    return head.problemType();
  }

  /** Names of the classes, by id; empty if the model only scores answers. */
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
