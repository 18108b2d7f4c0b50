package dev.lanewise.internal.model;

import dev.lanewise.Calibration;
import dev.lanewise.LabelScore;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.ModelConfig.ProblemType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Which token a classifier reads, and what its outputs mean. Immutable. */
public final class ClassificationHead {

  private static final System.Logger LOG = System.getLogger("dev.lanewise");

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
   * This head with probabilities softmax(logits / temperature).
   *
   * @param temperature above 0
   * @throws IncompatibleCheckpointException if it has no softmax
   */
  public ClassificationHead withTemperature(double temperature)
      throws IncompatibleCheckpointException {
    if (problemType != ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      throw new IncompatibleCheckpointException(
          "%s: a temperature is for heads with one right label, this one is %s; delete the file"
              .formatted(Calibration.FILE_NAME, problemType));
    }
    return new ClassificationHead(labels, problemType, pad, temperature);
  }

  /** What logits are divided by before they become probabilities. */
  public double temperature() {
    return temperature;
  }

  /**
   * The head of a model.
   *
   * @param ownLabels names in place of the config's, or empty
   * @throws IncompatibleCheckpointException if the model has no head, or another number of labels
   */
  public static ClassificationHead of(LoadedModel model, List<String> ownLabels)
      throws IncompatibleCheckpointException {
    ModelConfig config = model.config();
    Matrix head = model.weights().classifier();
    if (head == null) {
      throw new IncompatibleCheckpointException(
          "%s: no tensor 'score.weight', so the model cannot classify; it is a language model for generate and score"
              .formatted(model.folder()));
    }
    List<String> labels = ownLabels.isEmpty() ? config.labels() : ownLabels;
    if (labels.isEmpty()) {
      labels = IntStream.range(0, head.out()).mapToObj(id -> "LABEL_" + id).toList();
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: config.json names no labels; they are called LABEL_0 to LABEL_{1}",
          model.folder(),
          head.out() - 1);
    }
    if (labels.size() != head.out()) {
      throw new IncompatibleCheckpointException(
          "%s: tensor 'score.weight' has %d rows, but there are %d labels"
              .formatted(model.folder(), head.out(), labels.size()));
    }
    return new ClassificationHead(labels, config.problemType(), config.padTokenId(), 1);
  }

  /** Names of the classes, by id. */
  public List<String> labels() {
    return labels;
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
   * @throws IllegalStateException if a logit is NaN
   */
  public List<LabelScore> scores(float[] logits) {
    double[] probabilities = probabilities(logits);
    List<LabelScore> scores = new ArrayList<>(logits.length);
    for (int id = 0; id < logits.length; id++) {
      scores.add(new LabelScore(labels.get(id), id, logits[id], probabilities[id]));
    }
    scores.sort(
        Comparator.comparingDouble(LabelScore::logit)
            .reversed()
            .thenComparingInt(LabelScore::labelId));
    return scores;
  }

  private double[] probabilities(float[] logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < logits.length; id++) {
      if (!Float.isFinite(logits[id])) {
        throw new IllegalStateException(
            "logit %d of %d is %s: the weights hold such values, or they overflow"
                .formatted(id, logits.length, logits[id]));
      }
      max = Math.max(max, logits[id]);
    }
    double[] probabilities = new double[logits.length];
    double sum = 0;
    for (int id = 0; id < logits.length; id++) {
      probabilities[id] =
          switch (problemType) {
            case SINGLE_LABEL_CLASSIFICATION -> StrictMath.exp((logits[id] - max) / temperature);
            case MULTI_LABEL_CLASSIFICATION -> 1 / (1 + StrictMath.exp(-logits[id]));
            case REGRESSION -> Double.NaN;
          };
      sum += probabilities[id];
    }
    if (problemType == ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      for (int id = 0; id < logits.length; id++) {
        probabilities[id] /= sum;
      }
    }
    return probabilities;
  }
}
