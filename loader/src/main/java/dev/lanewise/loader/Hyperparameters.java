package dev.lanewise.loader;

import java.util.List;
import java.util.Map;

/**
 * The {@code hparams.json} of the original GPT-2 release, said in the keys of a {@code
 * config.json}.
 */
final class Hyperparameters {

  /** Name of the file in a model's folder. */
  static final String FILE_NAME = "hparams.json";

  private static final List<Map.Entry<String, String>> KEYS =
      List.of(
          Map.entry("n_vocab", "vocab_size"),
          Map.entry("n_ctx", "n_positions"),
          Map.entry("n_embd", "n_embd"),
          Map.entry("n_head", "n_head"),
          Map.entry("n_layer", "n_layer"));

  private Hyperparameters() {}

  /** {@code document} itself, or its translation if it is one of the release. */
  static JsonObject translated(JsonObject document) throws MalformedCheckpointException {
    if (!document.has("n_vocab") || document.has("model_type")) {
      return document;
    }
    JsonObject json = new JsonObject(document.source());
    json.add("model_type", new JsonValue.Scalar.Text(json, "gpt2"));
    JsonArray classes = new JsonArray(json);
    classes.add(new JsonValue.Scalar.Text(classes, "GPT2LMHeadModel"));
    json.add("architectures", classes);
    for (Map.Entry<String, String> key : KEYS) {
      // The value stays in its document, so that an error names the key that is in the file.
      json.add(key.getValue(), document.required(key.getKey()));
    }
    return json;
  }
}
