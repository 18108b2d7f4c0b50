package dev.lanewise;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.JsonWriter;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * A temperature by which logits are divided before they become probabilities, so that a probability
 * is how often the label is right. Which label is best never changes.
 *
 * @param temperature above 0, at most {@link #MAX_TEMPERATURE}
 * @param examples that it was fitted on
 * @see <a href="https://arxiv.org/abs/1706.04599">"On Calibration of Modern Neural Networks" (Guo
 *     et al. 2017), 4.2</a>
 */
public record Calibration(double temperature, int examples) {

  /** The largest temperature; it makes any logits nearly equal. */
  public static final double MAX_TEMPERATURE = 1_000;

  /** The file beside a model. */
  public static final String FILE_NAME = "calibration.json";

  private static final double MIN_TEMPERATURE = 1e-3;
  private static final int STEPS = 200;

  /** Checks the temperature. */
  public Calibration {
    if (!(temperature > 0 && temperature <= MAX_TEMPERATURE)) {
      throw new IllegalArgumentException(
          "a temperature must be above 0 and at most 1000, found " + temperature);
    }
  }

  /**
   * The temperature at which the right labels are likeliest. The mean negative log-likelihood is
   * convex in 1 / temperature, so a search by sections finds its one minimum.
   *
   * @param logits of each example, all labels
   * @param labels the right one of each
   * @throws IllegalArgumentException if there are none, or the lists are of other lengths
   */
  public static Calibration fit(List<float[]> logits, List<Integer> labels) {
    if (logits.isEmpty() || logits.size() != labels.size()) {
      throw new IllegalArgumentException(
          "%d logits and %d labels: expected as many, and some"
              .formatted(logits.size(), labels.size()));
    }
    double low = Math.log(1 / MAX_TEMPERATURE);
    double high = Math.log(1 / MIN_TEMPERATURE);
    for (int i = 0; i < STEPS; i++) {
      double left = low + (high - low) / 3;
      double right = high - (high - low) / 3;
      // Unimodal along the logarithm too, which keeps 1 / temperature above 0.
      if (loss(logits, labels, Math.exp(left)) <= loss(logits, labels, Math.exp(right))) {
        high = right;
      } else {
        low = left;
      }
    }
    double inverse = Math.exp((low + high) / 2);
    return new Calibration(Math.min(MAX_TEMPERATURE, 1 / inverse), logits.size());
  }

  private static double loss(List<float[]> logits, List<Integer> labels, double inverse) {
    double sum = 0;
    for (int i = 0; i < logits.size(); i++) {
      float[] z = logits.get(i);
      double max = Double.NEGATIVE_INFINITY;
      for (float value : z) {
        max = Math.max(max, value * inverse);
      }
      double total = 0;
      for (float value : z) {
        total += Math.exp(value * inverse - max);
      }
      sum += max + Math.log(total) - z[labels.get(i)] * inverse;
    }
    return sum / logits.size();
  }

  /**
   * The calibration beside a model, if there is one.
   *
   * @throws MalformedCheckpointException if the file is broken, or its temperature out of range
   */
  public static Optional<Calibration> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE_NAME);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    JsonObject json = Json.read(file).asObject();
    JsonValue said = json.required("temperature");
    double temperature = said.asDouble();
    if (!(temperature > 0 && temperature <= MAX_TEMPERATURE)) {
      throw said.expected("a number above 0 and at most 1000");
    }
    int examples = json.has("examples") ? json.required("examples").asInt() : 0;
    return Optional.of(new Calibration(temperature, examples));
  }

  /** Writes it beside a model, at once, over one that may be there. */
  public void write(Path folder) throws IOException {
    String json =
        new JsonWriter()
            .beginObject()
            .name("temperature")
            .value(temperature)
            .name("examples")
            .value(examples)
            .end()
            .text();
    Path written = Files.createTempFile(folder, "." + FILE_NAME, "");
    try {
      Files.writeString(written, json + "\n");
      Files.move(
          written,
          folder.resolve(FILE_NAME),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
