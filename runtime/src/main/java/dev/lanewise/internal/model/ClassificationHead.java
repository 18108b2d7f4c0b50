package dev.lanewise.internal.model;

import dev.lanewise.Calibration;
import dev.lanewise.ClassifierOptions;
import dev.lanewise.LabelScore;
import dev.lanewise.LastToken;
import dev.lanewise.ModelOptions;
import dev.lanewise.internal.model.GptWeights.Head;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.ModelConfig.ProblemType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Which token a classifier reads, and what its outputs mean. Immutable. */
public final class ClassificationHead {

  private static final System.Logger LOG = System.getLogger("dev.lanewise");

  private static final Comparator<LabelScore> BEST_FIRST =
      Comparator.comparingDouble(LabelScore::logit)
          .reversed()
          .thenComparingInt(LabelScore::labelId);

  private final List<String> labels;
  private final ProblemType problemType;
  private final OptionalInt pad;
  private final double temperature;

  private ClassificationHead(
      List<String> labels, ProblemType problemType, OptionalInt pad, double temperature) {
    this.labels = labels;
    this.problemType = problemType;
    this.pad = pad;
    this.temperature = temperature;
  }

  /**
   * The head of a model. One that only scores answers has no labels.
   *
   * @throws IncompatibleCheckpointException if the model has no head, or another number of labels
   */
  public static ClassificationHead of(
      LoadedModel model, ModelOptions opened, ClassifierOptions options) throws IOException {
    ModelConfig config = model.config();
    Head head = model.weights().classifier();
    List<String> labels = List.of();
    if (head != null) {
      labels = labels(model, head.weight().out(), opened.labels());
    } else if (model.weights().choice() == null) {
      throw new IncompatibleCheckpointException(
          "%s: no tensor 'score.weight', so the model cannot classify; it is a language model for generate and score"
              .formatted(model.folder()));
    }
    OptionalInt pad = config.padTokenId();
    if (options.lastToken() == LastToken.LAST_NON_PAD && pad.isEmpty()) {
      throw new IncompatibleCheckpointException(
          "%s: config.json has no 'pad_token_id', so there is no last token that is not padding"
              .formatted(model.folder()));
    }
    ProblemType type = Objects.requireNonNullElse(options.problemType(), config.problemType());
    return new ClassificationHead(
        labels,
        type,
        options.lastToken() == LastToken.LAST ? OptionalInt.empty() : pad,
        opened.calibrated() ? temperature(model, type) : 1);
  }

  /** What is stored beside the model, else 1. */
  private static double temperature(LoadedModel model, ProblemType type) throws IOException {
    OptionalDouble stored = Calibration.read(model.folder());
    if (stored.isPresent() && type != ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      throw new IncompatibleCheckpointException(
          "%s: a temperature is for heads with one right label, this one is %s; delete the file"
              .formatted(Calibration.FILE_NAME, type));
    }
    return stored.orElse(1);
  }

  private static List<String> labels(LoadedModel model, int rows, List<String> ownLabels)
      throws IncompatibleCheckpointException {
    if (rows == 0) {
      throw new IncompatibleCheckpointException(
          model.folder() + ": tensor 'score.weight' has no rows, so there is nothing to choose");
    }
    List<String> labels = ownLabels.isEmpty() ? model.config().labels() : ownLabels;
    if (labels.isEmpty()) {
      labels = IntStream.range(0, rows).mapToObj(id -> "LABEL_" + id).toList();
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: config.json names no labels; they are called LABEL_0 to LABEL_{1}",
          model.folder(),
          rows - 1);
    }
    if (labels.size() != rows) {
      throw new IncompatibleCheckpointException(
          "%s: tensor 'score.weight' has %d rows, but there are %d labels"
              .formatted(model.folder(), rows, labels.size()));
    }
    return labels;
  }

  /** Names of the classes, by id; empty if the model only scores answers. */
  public List<String> labels() {
    return labels;
  }

  /** What logits are divided by before they become probabilities. */
  public double temperature() {
    return temperature;
  }

  /** How outputs are read. */
  public ProblemType problemType() {
    return problemType;
  }

  /**
   * How many of {@code ids} the classifier reads: up to the last one that is not padding, as the
   * reference library does (all padding: the first alone). What follows cannot change the result,
   * because attention is causal.
   */
  public int pooledLength(int[] ids) {
    if (pad.isEmpty()) {
      return ids.length;
    }
    int length = ids.length;
    while (length > 1 && ids[length - 1] == pad.getAsInt()) {
      length--;
    }
    return length;
  }

  /**
   * All labels, highest logit first.
   *
   * @throws IllegalStateException if a logit is NaN or infinite
   */
  public List<LabelScore> scores(float[] logits) {
    return scores(logits, labels, problemType, temperature);
  }

  /** Answers, highest logit first: one of them is right. */
  public static List<LabelScore> choices(float[] logits, List<String> answers) {
    return scores(logits, answers, ProblemType.SINGLE_LABEL_CLASSIFICATION, 1);
  }

  private static List<LabelScore> scores(
      float[] logits, List<String> labels, ProblemType type, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < logits.length; id++) {
      if (!Float.isFinite(logits[id])) {
        throw new IllegalStateException(
            "logit %d of %d is %s: the weights hold such values, or they overflow"
                .formatted(id, logits.length, logits[id]));
      }
      max = Math.max(max, logits[id] / temperature);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += StrictMath.exp(logit / temperature - max);
    }
    double logSum = max + StrictMath.log(sum);
    List<LabelScore> scores = new ArrayList<>(logits.length);
    for (int id = 0; id < logits.length; id++) {
      double z = logits[id] / temperature;
      double logProbability =
          switch (type) {
            case SINGLE_LABEL_CLASSIFICATION -> Math.min(0, z - logSum);
            // log(1 / (1 + exp(-z))), without overflow where z is far below 0.
            case MULTI_LABEL_CLASSIFICATION ->
                Math.min(0, z) - StrictMath.log1p(StrictMath.exp(-Math.abs(z)));
            case REGRESSION -> Double.NaN;
          };
      double probability =
          type == ProblemType.SINGLE_LABEL_CLASSIFICATION
              ? StrictMath.exp(z - max) / sum
              : StrictMath.exp(logProbability);
      scores.add(new LabelScore(labels.get(id), id, logits[id], logProbability, probability));
    }
    scores.sort(BEST_FIRST);
    return scores;
  }
}
