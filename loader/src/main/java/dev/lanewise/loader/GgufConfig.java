package dev.lanewise.loader;

import java.io.IOException;

/**
 * The configuration in a GGUF file's metadata, said in the keys of a {@code config.json}. Only the
 * keys below count; what llama.cpp fixes for this architecture (tanh GELU, output matrix tied where
 * none is stored) is fixed here too.
 */
final class GgufConfig {

  private static final String ARCHITECTURE = "general.architecture";
  private static final String EPSILON = "gpt2.attention.layer_norm_epsilon";
  private static final String HEADS_KV = "gpt2.attention.head_count_kv";

  private final GgufShards shards;
  private final GgufMetadata metadata;

  private GgufConfig(GgufShards shards) {
    this.shards = shards;
    this.metadata = shards.metadata();
  }

  /** The configuration as a document. */
  static JsonObject json(GgufShards shards) throws IOException {
    return new GgufConfig(shards).json();
  }

  /** Refuses what is not GPT-2. */
  static void requireArchitecture(GgufMetadata metadata) throws IOException {
    String architecture = metadata.requiredString(ARCHITECTURE);
    if (!architecture.equals("gpt2")) {
      throw new UnsupportedCheckpointException(
          metadata.file().getFileName()
              + ": architecture "
              + Quoted.of(architecture)
              + " is not supported; supported in GGUF: gpt2");
    }
  }

  private JsonObject json() throws IOException {
    requireArchitecture(metadata);
    JsonObject json = new JsonObject(String.valueOf(metadata.file().getFileName()));
    text(json, "model_type", "gpt2");
    JsonArray classes = new JsonArray(json);
    classes.add(new JsonValue.Scalar.Text(classes, "GPT2LMHeadModel"));
    json.add("architectures", classes);
    number(json, "vocab_size", vocabSize());
    number(json, "n_positions", size("context_length", ConfigReader.MAX_POSITIONS));
    long width = size("embedding_length", ConfigReader.MAX_EMBD);
    number(json, "n_embd", width);
    number(json, "n_layer", size("block_count", ConfigReader.MAX_LAYERS));
    long heads = size("attention.head_count", ConfigReader.MAX_EMBD);
    number(json, "n_head", heads);
    if (metadata.integer(HEADS_KV, heads, 0, Integer.MAX_VALUE) != heads) {
      throw metadata.unsupported(HEADS_KV, "differs from 'gpt2.attention.head_count'");
    }
    if (metadata.has("gpt2.feed_forward_length")) {
      number(json, "n_inner", size("feed_forward_length", ConfigReader.MAX_INNER));
    }
    json.add("layer_norm_epsilon", decimal(json, epsilon()));
    id(json, "bos_token_id", "tokenizer.ggml.bos_token_id");
    id(json, "eos_token_id", "tokenizer.ggml.eos_token_id");
    return json;
  }

  private long size(String key, int limit) throws IOException {
    return metadata.requiredInteger("gpt2." + key, 1, limit);
  }

  /** As many as the embedding has rows; where that is not at hand, as the metadata says. */
  private long vocabSize() throws IOException {
    for (TensorFile file : shards.tensorFiles()) {
      TensorInfo tokens = file.tensors().get(TensorNames.GGUF_TOKENS);
      if (tokens != null && tokens.shape().size() == 2) {
        long rows = tokens.shape().getFirst();
        if (rows < 1 || rows > ConfigReader.MAX_VOCAB) {
          throw new UnsupportedCheckpointException(
              tokens.place()
                  + " has "
                  + rows
                  + " rows, supported are 1 to "
                  + ConfigReader.MAX_VOCAB);
        }
        return rows;
      }
    }
    long pieces = metadata.count(GgufVocabulary.TOKENS);
    return metadata.integer("gpt2.vocab_size", Math.max(1, pieces), 1, ConfigReader.MAX_VOCAB);
  }

  private double epsilon() throws IOException {
    double epsilon = metadata.number(EPSILON, 1e-5f);
    if (!(epsilon > 0 && epsilon <= 1)) {
      throw metadata.invalid(EPSILON, "is " + epsilon + ", expected a number above 0, up to 1");
    }
    return epsilon;
  }

  private void id(JsonObject json, String key, String source) throws IOException {
    if (metadata.has(source)) {
      long last = json.required("vocab_size").asLong() - 1;
      number(json, key, metadata.requiredInteger(source, 0, last));
    }
  }

  private static void text(JsonObject json, String key, String value) {
    json.add(key, new JsonValue.Scalar.Text(json, value));
  }

  private static void number(JsonObject json, String key, long value) {
    json.add(key, new JsonValue.Scalar.Whole(json, value));
  }

  /** The shortest digits of the float that was stored. */
  private static JsonValue decimal(JsonObject json, double value) {
    return new JsonValue.Scalar.Decimal(json, Float.toString((float) value));
  }
}
