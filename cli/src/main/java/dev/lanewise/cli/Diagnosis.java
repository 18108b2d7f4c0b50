package dev.lanewise.cli;

import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextScorer;
import dev.lanewise.Tokenizer;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a model folder says of itself besides its tensors, found by opening each part of it.
 *
 * @param architecture the config's {@code model_type}, or null
 * @param config the config file, or null if it cannot be read
 * @param settings of the model, for people
 * @param problems what keeps the model from running, a sentence each
 */
record Diagnosis(
    @Nullable String architecture,
    @Nullable JsonValue config,
    List<String> settings,
    List<String> problems) {

  static Diagnosis of(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    Path folder = Files.isDirectory(path) || parent == null ? path : parent;
    List<String> problems = new ArrayList<>();
    List<String> settings = new ArrayList<>();
    JsonValue json = null;
    String architecture = null;
    ModelConfig config = null;
    try {
      config = ModelConfig.read(folder);
      settings.addAll(describe(config));
    } catch (IOException | RuntimeException e) {
      problems.add(Failure.describe(e));
    }
    try {
      json = Json.read(folder.resolve("config.json"));
      architecture = json.asObject().string("model_type", "unknown");
    } catch (IOException e) {
      // Said above already: it is the same file.
      architecture = null;
    }
    try {
      Tokenizer tokenizer = Tokenizer.open(folder);
      settings.add("tokenizer: " + tokenizer.kind() + ", " + tokenizer.vocabSize() + " ids");
    } catch (IOException | RuntimeException e) {
      problems.add(Failure.describe(e));
    }
    if (problems.isEmpty() && config != null) {
      try {
        openModel(path, config);
      } catch (IOException | RuntimeException e) {
        problems.add(Failure.describe(e));
      }
    }
    return new Diagnosis(architecture, json, settings, problems);
  }

  private static List<String> describe(ModelConfig config) {
    List<String> settings = new ArrayList<>();
    settings.add(
        String.format(
            Locale.ROOT,
            "%d layers, width %d, %d heads of %d, feed-forward %d, %s",
            config.nLayer(),
            config.nEmbd(),
            config.nHead(),
            config.headSize(),
            config.nInner(),
            config.activation().name().toLowerCase(Locale.ROOT)));
    settings.add("context of " + config.nPositions() + ", vocabulary of " + config.vocabSize());
    if (isClassifier(config)) {
      settings.add(
          config.numLabels()
              + " labels, "
              + config.problemType().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
    return settings;
  }

  private static boolean isClassifier(ModelConfig config) {
    return config.modelClass().endsWith("ForSequenceClassification");
  }

  /** Finds tensors that are missing or misshapen. */
  private static void openModel(Path path, ModelConfig config) throws IOException {
    ModelOptions options = ModelOptions.defaults().withKernels(Kernels.scalar());
    if (isClassifier(config)) {
      TextClassifier.open(path, options).close();
    } else {
      TextScorer.open(path, options).close();
    }
  }
}
