package dev.lanewise;

import dev.lanewise.internal.fit.LinearFit;
import dev.lanewise.internal.model.FittedFolder;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Workers;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A linear head, fitted to the hidden states of a model that stays as it is: multinomial logistic
 * regression on standardized states. Immutable.
 *
 * <p>A small model's states are no more than that: where a base of a few million parameters is all
 * there is, counts of words may do better.
 */
public final class FittedHead {

  /** Texts whose states are computed between two words of progress. */
  private static final int CHUNK = 256;

  private final List<String> labels;
  private final HeadOptions options;
  private final LinearFit.Validated validated;
  private final LinearFit.Fitted fitted;

  private FittedHead(
      List<String> labels,
      HeadOptions options,
      LinearFit.Validated validated,
      LinearFit.Fitted fitted) {
    this.labels = labels;
    this.options = options;
    this.validated = validated;
    this.fitted = fitted;
  }

  /**
   * Fits a head. The strength of the penalty is the best of the options' by cross-validation.
   *
   * @param base whose last states are read
   * @param texts at least two; those that are too long are cut off at the end
   * @param labels one of each text, at least two different ones
   * @param progress hears what is being done
   * @throws IllegalArgumentException if there are too few texts or labels, or a text is empty
   */
  public static FittedHead fit(
      FeatureExtractor base,
      List<String> texts,
      List<String> labels,
      HeadOptions options,
      Consumer<String> progress) {
    if (texts.size() != labels.size()) {
      throw new IllegalArgumentException(
          "%d texts, but %d labels".formatted(texts.size(), labels.size()));
    }
    List<String> names = List.copyOf(new TreeSet<>(labels));
    if (names.size() < 2) {
      throw new IllegalArgumentException(
          "all texts have one label"
              + (names.isEmpty() ? "" : ", '" + names.getFirst() + "'")
              + "; a classifier needs two or more");
    }
    List<float[]> features = new ArrayList<>();
    for (int from = 0; from < texts.size(); from += CHUNK) {
      progress.accept("states of text %d of %d".formatted(from + 1, texts.size()));
      features.addAll(
          base.pooledAll(
              texts.subList(from, Math.min(texts.size(), from + CHUNK)),
              base.layers(),
              options.pooling(),
              Truncation.KEEP_START));
    }
    int[] ids = labels.stream().mapToInt(names::indexOf).toArray();
    try (Workers workers = Workers.fixed(base.backend().threads())) {
      LinearFit fit =
          new LinearFit(features, ids, names.size(), options.bias(), Kernels.get(), workers);
      LinearFit.Validated validated =
          fit.validate(options.strengths(), options.folds(), options.seed(), progress);
      progress.accept("all texts, C = " + validated.c());
      return new FittedHead(names, options, validated, fit.fit(validated.c()));
    }
  }

  /**
   * Writes a folder that {@link TextClassifier} opens: the base with this head. It appears at once
   * or not at all. With the last state and no bias transformers opens it too; another pooling is
   * said in the config's object {@code lanewise}, which transformers does not know.
   *
   * @param base folder of the model whose states were read
   * @param target must not exist
   */
  public void save(Path base, Path target) throws IOException {
    FittedFolder.write(
        base,
        target,
        labels,
        options.pooling(),
        fitted.weights(),
        options.bias() ? fitted.bias() : new float[0]);
  }

  /** The labels, by id. */
  public List<String> labels() {
    return labels;
  }

  /** Of the states that it reads. */
  public Pooling pooling() {
    return options.pooling();
  }

  /** The inverse strength of the penalty. */
  public double c() {
    return validated.c();
  }

  /** Share of texts, 0 to 1, that heads which had not seen them got right. */
  public double validatedAccuracy() {
    return validated.accuracy();
  }

  /** What was minimized: mean negative log-likelihood and penalty. */
  public double loss() {
    return fitted.loss();
  }

  /** Of the last fit. */
  public int iterations() {
    return fitted.iterations();
  }
}
