package dev.lanewise;

import dev.lanewise.internal.model.GenerationLoop;
import dev.lanewise.internal.model.KeptText;
import dev.lanewise.internal.model.LoadedModel;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Continues texts with a GPT-1 or GPT-2 language model.
 *
 * <p>Thread-safe. One call uses all processors unless {@link ModelOptions#threads} says otherwise;
 * calls at the same time share them. The same prompt, options and seed give the same text on every
 * machine with FMA and for every number of threads. Calls after {@link #close} throw {@link
 * IllegalStateException}.
 */
public final class TextGenerator implements AutoCloseable {

  private final LoadedModel model;

  private TextGenerator(LoadedModel model) {
    this.model = model;
    model.closeWhenUnreachable(this);
  }

  /**
   * Opens a model folder, or a weight file with its config and tokenizer beside it.
   *
   * @throws IOException if a file is missing, broken or not supported
   */
  public static TextGenerator open(Path path) throws IOException {
    return open(path, ModelOptions.defaults());
  }

  /**
   * Opens a model with options.
   *
   * @throws IOException as {@link #open(Path)}
   */
  public static TextGenerator open(Path path, ModelOptions options) throws IOException {
    return new TextGenerator(
        LoadedModel.open(path, options, Runtime.getRuntime().availableProcessors()));
  }

  /**
   * Continues a text.
   *
   * @throws IllegalArgumentException if the prompt is empty, has an unpaired surrogate, or is
   *     longer than the context ({@link ContextLengthException})
   * @throws IllegalStateException if this is closed, the folder has no tokenizer, or a logit is NaN
   */
  public Generation generate(CharSequence prompt, GenerationOptions options) {
    return generate(prompt, options, piece -> true);
  }

  /**
   * Continues a text and tells the listener each piece as it comes.
   *
   * @throws IllegalArgumentException as {@link #generate(CharSequence, GenerationOptions)}
   * @throws IllegalStateException as {@link #generate(CharSequence, GenerationOptions)}
   */
  public Generation generate(
      CharSequence prompt, GenerationOptions options, TextListener listener) {
    return generate(model.textEncoder().encode(prompt, Truncation.ERROR).ids(), options, listener);
  }

  /**
   * Continues ids. The ids may come from anywhere, but text can only be made of them with the
   * folder's tokenizer: without one, {@link Generation#text} is empty and the listener hears
   * nothing.
   *
   * @throws IllegalArgumentException if there are none, too many, or one is out of range
   * @throws IllegalStateException if this is closed or a logit is NaN
   */
  public Generation generate(int[] prompt, GenerationOptions options, TextListener listener) {
    return GenerationLoop.run(model, model.ids(prompt).ids(), options, listener);
  }

  /**
   * A text under way that keeps what the model has read. Close it, before this.
   *
   * @throws IllegalStateException if this is closed
   */
  public Session newSession() {
    return new Session(this, model.newText());
  }

  /**
   * A text under way that {@link Session#save} wrote, with what the model had read of it.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws dev.lanewise.loader.MalformedCheckpointException if it is broken, or something else
   * @throws dev.lanewise.loader.IncompatibleCheckpointException if it is of another model, of other
   *     rounded weights, or of a JVM with FMA where this has none or the other way round
   * @throws IllegalStateException if this is closed
   */
  public Session openSession(Path file) throws IOException {
    return new Session(this, KeptText.open(model, file));
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

  LoadedModel model() {
    return model;
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
