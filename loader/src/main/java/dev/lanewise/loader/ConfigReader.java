package dev.lanewise.loader;

import dev.lanewise.kernels.Activation;
import dev.lanewise.loader.ModelConfig.Architecture;
import dev.lanewise.loader.ModelConfig.ProblemType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Interprets the keys of a {@code config.json} as the reference does. */
final class ConfigReader {

  static final int MAX_VOCAB = 1 << 24;
  static final int MAX_POSITIONS = 1 << 20;
  static final int MAX_EMBD = 1 << 16;
  static final int MAX_LAYERS = 1 << 10;
  static final int MAX_INNER = 1 << 20;
  private static final int MAX_LABELS = 1 << 20;

  private final JsonObject json;

  ConfigReader(JsonObject json) {
    this.json = json;
  }

  ModelConfig read() throws IOException {
    String modelClass = modelClass();
    Architecture architecture = architecture(modelClass);
    boolean gpt2 = architecture == Architecture.GPT2;
    refuseUnsupported();
    int vocabSize = size("vocab_size", gpt2 ? 50_257 : 40_478, MAX_VOCAB);
    int nPositions =
        size("n_positions", "max_position_embeddings", gpt2 ? 1024 : 512, MAX_POSITIONS);
    int nEmbd = size("n_embd", "hidden_size", 768, MAX_EMBD);
    int nLayer = size("n_layer", "num_hidden_layers", 12, MAX_LAYERS);
    int nHead = size("n_head", "num_attention_heads", 12, MAX_EMBD);
    if (nEmbd % nHead != 0) {
      throw new MalformedCheckpointException(
          json.source()
              + ": 'n_embd' is "
              + nEmbd
              + ", expected a multiple of 'n_head', which is "
              + nHead);
    }
    List<String> labels = new LabelReader(json).labels();
    int numLabels = labels.isEmpty() ? size("num_labels", 2, MAX_LABELS) : labels.size();
    return new ModelConfig(
        architecture,
        vocabSize,
        nPositions,
        nEmbd,
        nLayer,
        nHead,
        size("n_inner", 4 * nEmbd, MAX_INNER),
        gpt2 ? gpt2Activation() : gpt1Activation(),
        layerNormEpsilon(),
        // GPT-1 has neither switch in the reference.
        !gpt2 || json.bool("scale_attn_weights", true),
        gpt2 && json.bool("scale_attn_by_inverse_layer_idx", false),
        json.bool("tie_word_embeddings", true),
        labels,
        numLabels,
        problemType(numLabels),
        bosTokenId(gpt2, vocabSize),
        eosTokenIds(gpt2, vocabSize),
        tokenId("pad_token_id", vocabSize),
        modelClass,
        json);
  }

  private String modelClass() throws MalformedCheckpointException {
    JsonValue classes = json.get("architectures");
    if (classes == null || classes.isNull()) {
      return "";
    }
    JsonArray names = classes.asArray();
    return names.size() == 0 ? "" : names.get(0).asString();
  }

  private Architecture architecture(String modelClass) throws IOException {
    String type = json.string("model_type", "");
    if (type.isEmpty()) {
      // Configurations of 2019 have no model_type.
      if (modelClass.startsWith("OpenAIGPT") || json.has("afn")) {
        return Architecture.OPENAI_GPT;
      }
      if (modelClass.startsWith("GPT2") || json.has("activation_function")) {
        return Architecture.GPT2;
      }
    }
    return switch (type) {
      case "openai-gpt" -> Architecture.OPENAI_GPT;
      case "gpt2" -> Architecture.GPT2;
      case "" -> throw json.invalid("has no key 'model_type'");
      default ->
          throw new UnsupportedCheckpointException(
              json.source()
                  + ": architecture "
                  + Quoted.of(type)
                  + " is not supported; supported: openai-gpt, gpt2");
    };
  }

  private void refuseUnsupported() throws IOException {
    if (json.bool("add_cross_attention", false)) {
      throw unsupported("'add_cross_attention' is true; supported: false");
    }
    // It changes the order of operations in 16 bits only; here the arithmetic is float32.
    json.bool("reorder_and_upcast_attn", false);
    JsonValue pruned = json.get("pruned_heads");
    if (pruned != null && !pruned.isNull() && pruned.asObject().size() > 0) {
      throw unsupported("'pruned_heads' is not empty; supported: no pruned heads");
    }
  }

  private UnsupportedCheckpointException unsupported(String sentence) {
    return new UnsupportedCheckpointException(json.source() + ": " + sentence);
  }

  /** A size from 1 to {@code limit}. */
  private int size(String key, int absent, int limit) throws MalformedCheckpointException {
    JsonValue value = json.get(key);
    if (value == null || value.isNull()) {
      return absent;
    }
    String expected = "an integer from 1 to " + limit;
    if (!value.isNumber()) {
      throw value.expected(expected);
    }
    long size = value.asLong();
    if (size < 1 || size > limit) {
      throw value.expected(expected);
    }
    return (int) size;
  }

  /** The reference takes either name; n_ctx is an older name of n_positions. */
  private int size(String key, String alias, int absent, int limit)
      throws MalformedCheckpointException {
    boolean named = json.find(key).isPresent();
    if (json.find(alias).isPresent()) {
      int size = size(alias, absent, limit);
      if (named && size(key, absent, limit) != size) {
        throw new MalformedCheckpointException(
            json.source()
                + ": '"
                + key
                + "' is "
                + size(key, absent, limit)
                + " but '"
                + alias
                + "', another name of it, is "
                + size);
      }
      return size;
    }
    if (!named && key.equals("n_positions")) {
      return size("n_ctx", absent, limit);
    }
    return size(key, absent, limit);
  }

  private float layerNormEpsilon() throws MalformedCheckpointException {
    JsonValue value = json.get("layer_norm_epsilon");
    if (value == null || value.isNull()) {
      return 1e-5f;
    }
    float epsilon = value.isNumber() ? (float) value.asDouble() : -1;
    if (!(epsilon > 0 && epsilon <= 1)) {
      throw value.expected("a number above 0, up to 1");
    }
    return epsilon;
  }

  /** "gelu" is the tanh form here; the reference knows the first four names only. */
  private Activation gpt1Activation() throws IOException {
    String name = json.string("afn", "gelu");
    return name.equals("gelu") ? Activation.GELU_TANH : activation("afn", name);
  }

  private Activation gpt2Activation() throws IOException {
    String name = json.string("activation_function", "gelu_new");
    return activation("activation_function", name);
  }

  private Activation activation(String key, String name) throws IOException {
    return switch (name) {
      // The tanh forms differ in rounding only.
      case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate" ->
          Activation.GELU_TANH;
      case "gelu", "gelu_python" -> Activation.GELU_ERF;
      case "relu" -> Activation.RELU;
      case "silu", "swish" -> Activation.SILU;
      case "tanh" -> Activation.TANH;
      case "quick_gelu" -> Activation.QUICK_GELU;
      default ->
          throw unsupported(
              "'"
                  + key
                  + "' is "
                  + Quoted.of(name)
                  + "; supported: gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, gelu_python,"
                  + " gelu_accurate, relu, silu, swish, tanh, quick_gelu");
    };
  }

  private ProblemType problemType(int numLabels) throws IOException {
    String name = json.string("problem_type", "");
    return switch (name) {
      case "" ->
          numLabels == 1
              ? ProblemType.MULTI_LABEL_CLASSIFICATION
              : ProblemType.SINGLE_LABEL_CLASSIFICATION;
      case "single_label_classification" -> ProblemType.SINGLE_LABEL_CLASSIFICATION;
      case "multi_label_classification" -> ProblemType.MULTI_LABEL_CLASSIFICATION;
      case "regression" -> ProblemType.REGRESSION;
      default ->
          throw unsupported(
              "'problem_type' is "
                  + Quoted.of(name)
                  + "; supported: single_label_classification, multi_label_classification,"
                  + " regression");
    };
  }

  private OptionalInt bosTokenId(boolean gpt2, int vocabSize) throws MalformedCheckpointException {
    return gpt2 && !json.has("bos_token_id")
        ? defaultId(vocabSize)
        : tokenId("bos_token_id", vocabSize);
  }

  private List<Integer> eosTokenIds(boolean gpt2, int vocabSize)
      throws MalformedCheckpointException {
    List<Integer> ids = new ArrayList<>();
    JsonValue value = json.get("eos_token_id");
    if (value == null) {
      (gpt2 ? defaultId(vocabSize) : OptionalInt.empty()).ifPresent(ids::add);
    } else if (value.isArray()) {
      for (JsonValue id : value.asArray()) {
        ids.add(tokenId(id, vocabSize));
      }
    } else {
      tokenId("eos_token_id", vocabSize).ifPresent(ids::add);
    }
    return ids;
  }

  /** {@code <|endoftext|>} of GPT-2; a smaller vocabulary doesn't have it. */
  private static OptionalInt defaultId(int vocabSize) {
    return vocabSize > 50_256 ? OptionalInt.of(50_256) : OptionalInt.empty();
  }

  private OptionalInt tokenId(String key, int vocabSize) throws MalformedCheckpointException {
    JsonValue value = json.get(key);
    return value == null || value.isNull()
        ? OptionalInt.empty()
        : OptionalInt.of(tokenId(value, vocabSize));
  }

  private static int tokenId(JsonValue value, int vocabSize) throws MalformedCheckpointException {
    long id = value.isNumber() ? value.asLong() : -1;
    if (id < 0 || id >= vocabSize) {
      throw value.expected("a token id from 0 to " + (vocabSize - 1) + ", or null");
    }
    return (int) id;
  }
}
