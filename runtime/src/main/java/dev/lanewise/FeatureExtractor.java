package dev.lanewise;

import dev.lanewise.internal.model.FeatureLoop;
import dev.lanewise.internal.model.LoadedModel;
import dev.lanewise.internal.model.Use;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hidden states of a GPT-1 or GPT-2, for a model of one's own on top.
 *
 * <p>Layer 0 is the sum of token and position embedding, layer k the output of block k. The last
 * one has GPT-2's final layer norm behind it, as in transformers' {@code hidden_states}.
 *
 * <p>Thread-safe, as {@link TextClassifier}. The same text gives the same bits for every number of
 * threads.
 */
public final class FeatureExtractor implements AutoCloseable {

  private final LoadedModel model;

  private FeatureExtractor(LoadedModel model) {
    this.model = model;
    model.closeWhenUnreachable(this);
  }

  /**
   * Opens a model folder, or a weight file with its config and tokenizer beside it.
   *
   * @throws IOException if a file is missing, broken or not supported
   */
  public static FeatureExtractor open(Path path) throws IOException {
    return open(path, ModelOptions.defaults());
  }

  /**
   * Opens a model with options.
   *
   * @throws IOException as {@link #open(Path)}
   */
  public static FeatureExtractor open(Path path, ModelOptions options) throws IOException {
    return new FeatureExtractor(
        LoadedModel.open(path, options, Use.STATES, Runtime.getRuntime().availableProcessors()));
  }

  /** Layers that can be asked for are 0 to this one, the last. */
  public int layers() {
    return model.config().nLayer();
  }

  /**
   * States of each token {@code (tokens, nEmbd)}.
   *
   * @param layer 0 to {@link #layers}
   * @throws IllegalArgumentException if the layer is another, or the text is empty, has an unpaired
   *     surrogate, or is too long ({@link ContextLengthException})
   * @throws IllegalStateException if this is closed or the folder has no tokenizer
   */
  public float[][] states(CharSequence text, int layer, Truncation truncation) {
    return states(encode(text, truncation), layer);
  }

  /**
   * States of each id {@code (ids, nEmbd)}.
   *
   * @throws IllegalArgumentException if the layer is out of range, or there are no ids, too many,
   *     or one is out of range
   * @throws IllegalStateException if this is closed
   */
  public float[][] states(int[] ids, int layer) {
    requireLayer(layer);
    float[] all = FeatureLoop.states(model, model.ids(ids).ids(), layer, false);
    int width = model.config().nEmbd();
    float[][] states = new float[ids.length][];
    for (int i = 0; i < ids.length; i++) {
      states[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
    }
    return states;
  }

  /**
   * One vector for a text, of {@code pooling.width(nEmbd)} floats.
   *
   * @throws IllegalArgumentException as {@link #states(CharSequence, int, Truncation)}
   * @throws IllegalStateException as {@link #states(CharSequence, int, Truncation)}
   */
  public float[] pooled(CharSequence text, int layer, Pooling pooling, Truncation truncation) {
    return pooled(encode(text, truncation), layer, pooling);
  }

  /**
   * One vector for ids.
   *
   * @throws IllegalArgumentException as {@link #states(int[], int)}
   * @throws IllegalStateException as {@link #states(int[], int)}
   */
  public float[] pooled(int[] ids, int layer, Pooling pooling) {
    requireLayer(layer);
    return FeatureLoop.pooled(model, model.ids(ids).ids(), layer, pooling, false);
  }

  /**
   * One vector for each text, as many at a time as the model has threads.
   *
   * @return the vectors, in the order of the texts
   * @throws IllegalArgumentException as {@link #states(CharSequence, int, Truncation)}, about any
   * @throws IllegalStateException as {@link #states(CharSequence, int, Truncation)}
   */
  public List<float[]> pooledAll(
      List<? extends CharSequence> texts, int layer, Pooling pooling, Truncation truncation) {
    requireLayer(layer);
    float @Nullable [][] results = new float[texts.size()][];
    model.forEach(
        results.length,
        i ->
            results[i] =
                FeatureLoop.pooled(model, encode(texts.get(i), truncation), layer, pooling, true));
    return Arrays.stream(results).map(Objects::requireNonNull).toList();
  }

  /**
   * Ids of a text, as its states are made of.
   *
   * @throws IllegalArgumentException as {@link #states(CharSequence, int, Truncation)}
   * @throws IllegalStateException if the folder has no tokenizer
   */
  public int[] encode(CharSequence text, Truncation truncation) {
    if (truncation == Truncation.WINDOWS) {
      throw new IllegalArgumentException("windows are for classification, not for states");
    }
    return model.textEncoder().encode(text, truncation).ids();
  }

  private void requireLayer(int layer) {
    if (layer < 0 || layer > layers()) {
      throw new IllegalArgumentException(
          "layer must be 0 to %d, found %d".formatted(layers(), layer));
    }
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
