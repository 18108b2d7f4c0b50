package dev.lanewise;

import dev.lanewise.internal.model.TemperatureFit;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.JsonWriter;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One temperature T for a classifier, so that of the texts with probability p a share of p is
 * right: probabilities become softmax(logits / T). Labels and their order stay. Fitted on texts
 * that the model was not trained on, by maximum likelihood. Source: Guo et al. 2017, "On
 * Calibration of Modern Neural Networks", 4.2. Immutable.
 *
 * @param temperature {@value #MIN_TEMPERATURE} to {@value #MAX_TEMPERATURE}; above 1 if the model
 *     is too sure of itself
 * @param examples it was fitted on
 * @param logLikelihoodBefore mean logarithm of the right label's probability at temperature 1
 * @param logLikelihoodAfter the same at this temperature
 * @param errorBefore {@link ClassificationReport#calibrationError} at temperature 1
 * @param errorAfter the same at this temperature
 */
public record Calibration(
    double temperature,
    int examples,
    double logLikelihoodBefore,
    double logLikelihoodAfter,
    double errorBefore,
    double errorAfter) {

  /** Name of the file in a model's folder. */
  public static final String FILE_NAME = "calibration.json";

  /** The smallest temperature. */
  public static final double MIN_TEMPERATURE = 0.01;

  /** The largest temperature. */
  public static final double MAX_TEMPERATURE = 100;

  private static final long MAX_BYTES = 1 << 20;

  /** Checks the temperature. */
  public Calibration {
    if (!inRange(temperature)) {
      throw new IllegalArgumentException(
          "the temperature is %s, expected %s to %s"
              .formatted(temperature, MIN_TEMPERATURE, MAX_TEMPERATURE));
    }
  }

  private static boolean inRange(double temperature) {
    return temperature >= MIN_TEMPERATURE && temperature <= MAX_TEMPERATURE;
  }

  /**
   * Fits a temperature. Looks at logits only, which no calibration changes.
   *
   * @param answers of a classifier with one right label, each with all its labels
   * @param labelIds the right label's id for each answer
   * @throws IllegalArgumentException if there are no answers, the lengths differ, an id is out of
   *     range, or no temperature in range is best: the model is right on every text, or no better
   *     than chance
   */
  public static Calibration fit(List<Classification> answers, int[] labelIds) {
    if (answers.isEmpty() || answers.size() != labelIds.length) {
      throw new IllegalArgumentException(
          "%d answers and %d right labels, expected as many of each, and some"
              .formatted(answers.size(), labelIds.length));
    }
    double[][] logits = new double[labelIds.length][];
    boolean[] right = new boolean[labelIds.length];
    for (int i = 0; i < labelIds.length; i++) {
      List<LabelScore> scores = answers.get(i).scores();
      if (labelIds[i] < 0 || labelIds[i] >= scores.size()) {
        throw new IllegalArgumentException(
            "label id %d of text %d is out of range, the answer has %d labels"
                .formatted(labelIds[i], i + 1, scores.size()));
      }
      logits[i] = new double[scores.size()];
      for (LabelScore score : scores) {
        logits[i][score.labelId()] = score.logit();
      }
      right[i] = answers.get(i).labelId() == labelIds[i];
    }
    TemperatureFit fit = new TemperatureFit(logits, labelIds);
    double temperature = fit.temperature(MIN_TEMPERATURE, MAX_TEMPERATURE);
    return new Calibration(
        temperature,
        labelIds.length,
        fit.logLikelihood(1),
        fit.logLikelihood(temperature),
        error(answers, right, 1),
        error(answers, right, temperature));
  }

  private static double error(List<Classification> answers, boolean[] right, double temperature) {
    double[] best = answers.stream().mapToDouble(a -> probability(a, temperature)).toArray();
    return ClassificationReport.calibrationError(best, right);
  }

  /**
   * The best label's probability at a temperature, whatever the one that the answer was given at:
   * its part of softmax(logits / T).
   *
   * @param answer of a classifier with one right label
   * @param temperature above 0
   */
  public static double probability(Classification answer, double temperature) {
    double best = answer.scores().getFirst().logit();
    double sum = 0;
    for (LabelScore score : answer.scores()) {
      sum += StrictMath.exp((score.logit() - best) / temperature);
    }
    return 1 / sum;
  }

  /**
   * Stores the temperature beside a model, at once: a reader sees the old file or the new one.
   *
   * @param folder of the model
   * @param data what it was fitted on, for people
   */
  public void write(Path folder, String data) throws IOException {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("temperature").value(temperature);
    json.name("about")
        .value(
            "probabilities are softmax(logits / temperature); fitted by maximum likelihood on"
                + " held-out texts");
    json.name("data").value(data);
    json.name("examples").value(examples);
    json.name("logLikelihoodBefore").value(logLikelihoodBefore);
    json.name("logLikelihoodAfter").value(logLikelihoodAfter);
    json.name("eceBefore").value(errorBefore);
    json.name("eceAfter").value(errorAfter);
    Path parent = folder.toAbsolutePath();
    Path temporary = Files.createTempFile(parent, "." + FILE_NAME + "-", "");
    try {
      Files.write(temporary, (json.end().text() + "\n").getBytes(StandardCharsets.UTF_8));
      Files.move(temporary, parent.resolve(FILE_NAME), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * The temperature that is stored beside a model, or empty if none is.
   *
   * @param folder of the model
   * @throws MalformedCheckpointException if the file is not JSON, or its {@code temperature} is
   *     missing or out of range
   */
  public static OptionalDouble read(Path folder) throws IOException {
    Path file = folder.resolve(FILE_NAME);
    if (Files.notExists(file)) {
      return OptionalDouble.empty();
    }
    JsonValue value = Json.read(file, MAX_BYTES).asObject().required("temperature");
    double temperature = value.asDouble();
    if (!inRange(temperature)) {
      throw value.expected(MIN_TEMPERATURE + " to " + MAX_TEMPERATURE);
    }
    return OptionalDouble.of(temperature);
  }
}
