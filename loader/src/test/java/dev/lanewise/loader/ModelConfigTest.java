package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.Activation;
import dev.lanewise.loader.ModelConfig.Architecture;
import dev.lanewise.loader.ModelConfig.ProblemType;
import java.io.IOException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {

  private static ModelConfig gpt1(String keys) throws IOException {
    return config("{\"model_type\":\"openai-gpt\"" + (keys.isEmpty() ? "" : "," + keys) + "}");
  }

  private static ModelConfig gpt2(String keys) throws IOException {
    return config("{\"model_type\":\"gpt2\"" + (keys.isEmpty() ? "" : "," + keys) + "}");
  }

  private static ModelConfig config(String json) throws IOException {
    return ModelConfig.parse(Json.parse(json, "config.json"));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String keys) {
    return assertThatThrownBy(() -> gpt2(keys)).isInstanceOf(MalformedCheckpointException.class);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertUnsupported(String keys) {
    return assertThatThrownBy(() -> gpt2(keys)).isInstanceOf(UnsupportedCheckpointException.class);
  }

  @Test
  void absentKeysOfGpt1HaveTheDefaultsOfTheReference() throws IOException {
    ModelConfig config = gpt1("");
    assertThat(config.vocabSize()).isEqualTo(40_478);
    assertThat(config.nPositions()).isEqualTo(512);
    assertThat(config.nEmbd()).isEqualTo(768);
    assertThat(config.nLayer()).isEqualTo(12);
    assertThat(config.nHead()).isEqualTo(12);
    assertThat(config.nInner()).isEqualTo(3072);
    assertThat(config.activation()).isEqualTo(Activation.GELU_TANH);
    assertThat(config.layerNormEpsilon()).isEqualTo(1e-5f);
    assertThat(config.scaleAttnWeights()).isTrue();
    assertThat(config.scaleAttnByInverseLayerIdx()).isFalse();
    assertThat(config.tieWordEmbeddings()).isTrue();
    assertThat(config.labels()).isEmpty();
    assertThat(config.numLabels()).isEqualTo(2);
    assertThat(config.saysNumLabels()).isFalse();
    assertThat(config.bosTokenId()).isEmpty();
    assertThat(config.eosTokenIds()).isEmpty();
    assertThat(config.padTokenId()).isEmpty();
    assertThat(config.modelClass()).isEmpty();
  }

  @Test
  void absentKeysOfGpt2HaveTheDefaultsOfTheReference() throws IOException {
    ModelConfig config = gpt2("");
    assertThat(config.vocabSize()).isEqualTo(50_257);
    assertThat(config.nPositions()).isEqualTo(1024);
    assertThat(config.nEmbd()).isEqualTo(768);
    assertThat(config.nInner()).isEqualTo(3072);
    assertThat(config.activation()).isEqualTo(Activation.GELU_TANH);
    assertThat(config.bosTokenId()).hasValue(50_256);
    assertThat(config.eosTokenId()).hasValue(50_256);
    assertThat(config.padTokenId()).isEmpty();
  }

  @Test
  void nullIsAbsentExceptForTokenIds() throws IOException {
    ModelConfig config =
        gpt2(
            "\"n_embd\":null,\"n_inner\":null,\"activation_function\":null,\"id2label\":null,"
                + "\"problem_type\":null,\"scale_attn_weights\":null,\"architectures\":null,"
                + "\"bos_token_id\":null,\"eos_token_id\":null");
    assertThat(config.nEmbd()).isEqualTo(768);
    assertThat(config.nInner()).isEqualTo(3072);
    assertThat(config.scaleAttnWeights()).isTrue();
    assertThat(config.bosTokenId()).isEmpty();
    assertThat(config.eosTokenId()).isEmpty();
  }

  @Test
  void aSmallVocabularyHasNoDefaultEndOfText() throws IOException {
    assertThat(gpt2("\"vocab_size\":320").eosTokenId()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "gelu,GELU_ERF",
    "gelu_python,GELU_ERF",
    "gelu_new,GELU_TANH",
    "gelu_fast,GELU_TANH",
    "gelu_pytorch_tanh,GELU_TANH",
    "gelu_accurate,GELU_TANH",
    "relu,RELU",
    "silu,SILU",
    "swish,SILU",
    "tanh,TANH",
    "quick_gelu,QUICK_GELU"
  })
  void knowsTheActivationsOfGpt2(String name, Activation expected) throws IOException {
    assertThat(gpt2("\"activation_function\":\"" + name + "\"").activation()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"gelu,GELU_TANH", "relu,RELU", "swish,SILU", "silu,SILU", "gelu_new,GELU_TANH"})
  void knowsTheActivationsOfGpt1(String name, Activation expected) throws IOException {
    assertThat(gpt1("\"afn\":\"" + name + "\"").activation()).isEqualTo(expected);
  }

  @Test
  void namesAnUnknownActivation() {
    assertUnsupported("\"activation_function\":\"mish\"")
        .hasMessageStartingWith("config.json: 'activation_function' is 'mish'; supported: gelu,");
    assertThatThrownBy(() -> gpt1("\"afn\":\"mish\""))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageStartingWith("config.json: 'afn' is 'mish'; supported: gelu,");
  }

  @Test
  void gpt1HasNoAttentionSwitches() throws IOException {
    ModelConfig config =
        gpt1("\"scale_attn_weights\":false,\"scale_attn_by_inverse_layer_idx\":true");
    assertThat(config.scaleAttnWeights()).isTrue();
    assertThat(config.scaleAttnByInverseLayerIdx()).isFalse();
    ModelConfig second =
        gpt2("\"scale_attn_weights\":false,\"scale_attn_by_inverse_layer_idx\":true");
    assertThat(second.scaleAttnWeights()).isFalse();
    assertThat(second.scaleAttnByInverseLayerIdx()).isTrue();
  }

  @Test
  void acceptsOtherNamesOfTheSizes() throws IOException {
    ModelConfig config =
        gpt2(
            "\"hidden_size\":64,\"num_hidden_layers\":3,\"num_attention_heads\":4,"
                + "\"max_position_embeddings\":32");
    assertThat(config.nEmbd()).isEqualTo(64);
    assertThat(config.nLayer()).isEqualTo(3);
    assertThat(config.nHead()).isEqualTo(4);
    assertThat(config.nPositions()).isEqualTo(32);
    assertThat(gpt2("\"n_ctx\":128").nPositions()).isEqualTo(128);
    assertThat(gpt2("\"n_ctx\":128,\"n_positions\":64").nPositions()).isEqualTo(64);
    assertThat(gpt2("\"hidden_size\":24,\"n_embd\":24").nEmbd()).isEqualTo(24);
  }

  @Test
  void refusesTwoNamesThatDisagree() {
    assertRefused("\"n_embd\":24,\"hidden_size\":48")
        .hasMessage("config.json: 'n_embd' is 24 but 'hidden_size', another name of it, is 48");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner"})
  void refusesSizesThatAreNoSizes(String key) {
    for (String value :
        new String[] {
          "0",
          "-1",
          "3000000000",
          "9223372036854775808",
          "12.0",
          "1e3",
          "\"12\"",
          "true",
          "[1]",
          "{}"
        }) {
      assertRefused("\"" + key + "\":" + value)
          .hasMessageStartingWith("config.json: '" + key + "' is ")
          .hasMessageContaining("expected an integer");
    }
  }

  @Test
  void refusesAWidthThatTheHeadsDoNotDivide() {
    assertRefused("\"n_embd\":50,\"n_head\":4")
        .hasMessage("config.json: 'n_embd' is 50, expected a multiple of 'n_head', which is 4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1e-5", "2", "\"1e-5\"", "false", "1e999", "1e-60"})
  void refusesAnEpsilonThatIsNone(String value) {
    assertRefused("\"layer_norm_epsilon\":" + value)
        .hasMessageStartingWith("config.json: 'layer_norm_epsilon' is ");
  }

  @Test
  void refusesSwitchesThatAreNoTruthValues() {
    for (String key :
        new String[] {
          "scale_attn_weights",
          "scale_attn_by_inverse_layer_idx",
          "reorder_and_upcast_attn",
          "tie_word_embeddings",
          "add_cross_attention"
        }) {
      assertRefused("\"" + key + "\":1")
          .hasMessage("config.json: '" + key + "' is the number 1, expected true or false");
    }
  }

  @Test
  void namesSettingsThatAreNotSupported() throws IOException {
    assertUnsupported("\"add_cross_attention\":true")
        .hasMessageContaining("'add_cross_attention' is true; supported: false");
    assertUnsupported("\"pruned_heads\":{\"0\":[1]}").hasMessageContaining("'pruned_heads'");
    assertThat(gpt2("\"pruned_heads\":{},\"reorder_and_upcast_attn\":true").nHead()).isEqualTo(12);
  }

  @Test
  void sortsLabelsByNumber() throws IOException {
    StringBuilder map = new StringBuilder("\"id2label\":{\"10\":\"k\"");
    for (int i = 9; i >= 0; i--) {
      map.append(",\"").append(i).append("\":\"").append((char) ('a' + i)).append('"');
    }
    ModelConfig config = gpt2(map + "}");
    assertThat(String.join("", config.labels())).isEqualTo("abcdefghijk");
    assertThat(config.numLabels()).isEqualTo(11);
    assertThat(config.saysNumLabels()).isTrue();
  }

  @Test
  void refusesLabelsThatAreNotNumberedFromZero() {
    assertRefused("\"id2label\":{\"0\":\"a\",\"2\":\"b\"}")
        .hasMessage("config.json: 'id2label' has class 2, expected class 1 before it");
    assertRefused("\"id2label\":{\"1\":\"a\"}").hasMessageContaining("expected class 0 before it");
    assertRefused("\"id2label\":{\"0\":\"a\",\"00\":\"b\"}")
        .hasMessage("config.json: 'id2label' has class 0 twice");
    assertRefused("\"id2label\":{\"0\":\"a\",\"0\":\"b\"}").hasMessageContaining("duplicate key");
    for (String key : new String[] {"x", "-1", "1.0", "", "99999999999", " 1", "٣"}) {
      assertRefused("\"id2label\":{\"0\":\"a\",\"" + key + "\":\"b\"}")
          .hasMessageContaining("'id2label' has the key '" + key + "', expected a class number");
    }
    assertRefused("\"id2label\":{\"0\":null}")
        .hasMessage("config.json: 'id2label.0' is null, expected a string");
    assertRefused("\"id2label\":[\"a\"]").hasMessageContaining("'id2label' is an array");
  }

  @Test
  void invertsLabel2idWhereItIsAlone() throws IOException {
    assertThat(gpt2("\"label2id\":{\"b\":1,\"a\":0}").labels()).containsExactly("a", "b");
    assertThat(gpt2("\"label2id\":{\"x\":0},\"id2label\":{\"0\":\"y\"}").labels())
        .containsExactly("y");
    assertRefused("\"label2id\":{\"b\":1,\"a\":1}").hasMessageContaining("has class 1 twice");
    assertRefused("\"label2id\":{\"b\":\"1\"}").hasMessageContaining("expected an integer");
  }

  @Test
  void countsLabelsByNameBeforeTheNumber() throws IOException {
    assertThat(gpt2("\"num_labels\":5").numLabels()).isEqualTo(5);
    assertThat(gpt2("\"num_labels\":5").saysNumLabels()).isTrue();
    assertThat(gpt2("\"num_labels\":5,\"id2label\":{\"0\":\"a\"}").numLabels()).isEqualTo(1);
    assertRefused("\"num_labels\":0").hasMessageContaining("'num_labels' is the number 0");
  }

  @Test
  void readsHowAHeadIsMeant() throws IOException {
    assertThat(gpt2("").problemType()).isEqualTo(ProblemType.SINGLE_LABEL_CLASSIFICATION);
    assertThat(gpt2("\"num_labels\":1").problemType())
        .isEqualTo(ProblemType.MULTI_LABEL_CLASSIFICATION);
    assertThat(gpt2("\"problem_type\":\"multi_label_classification\"").problemType())
        .isEqualTo(ProblemType.MULTI_LABEL_CLASSIFICATION);
    assertThat(gpt2("\"problem_type\":\"single_label_classification\"").problemType())
        .isEqualTo(ProblemType.SINGLE_LABEL_CLASSIFICATION);
    assertThat(gpt2("\"problem_type\":\"regression\",\"num_labels\":1").problemType())
        .isEqualTo(ProblemType.REGRESSION);
    assertUnsupported("\"problem_type\":\"ranking\"").hasMessageContaining("'problem_type' is");
  }

  @Test
  void readsOneOrSeveralEndsOfText() throws IOException {
    assertThat(gpt2("\"eos_token_id\":5").eosTokenIds()).containsExactly(5);
    assertThat(gpt2("\"eos_token_id\":[5,7]").eosTokenIds()).containsExactly(5, 7);
    assertThat(gpt2("\"eos_token_id\":[5,7]").eosTokenId()).hasValue(5);
    assertThat(gpt2("\"eos_token_id\":[]").eosTokenId()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bos_token_id", "eos_token_id", "pad_token_id"})
  void refusesIdsOutsideTheVocabulary(String key) {
    for (String value : new String[] {"-1", "50257", "1e99", "\"5\"", "true"}) {
      assertRefused("\"" + key + "\":" + value)
          .hasMessageContaining("config.json: '" + key + "' is ");
    }
    assertRefused("\"eos_token_id\":[5,50257]")
        .hasMessage(
            "config.json: 'eos_token_id[1]' is the number 50257, expected a token id from 0 to"
                + " 50256, or null");
  }

  @Test
  void infersTheArchitectureOfOldConfigs() throws IOException {
    assertThat(config("{\"afn\":\"gelu\"}").architecture()).isEqualTo(Architecture.OPENAI_GPT);
    assertThat(config("{\"architectures\":[\"OpenAIGPTLMHeadModel\"]}").architecture())
        .isEqualTo(Architecture.OPENAI_GPT);
    assertThat(config("{\"architectures\":[\"GPT2LMHeadModel\"]}").architecture())
        .isEqualTo(Architecture.GPT2);
    assertThat(config("{\"activation_function\":\"relu\"}").architecture())
        .isEqualTo(Architecture.GPT2);
    assertThatThrownBy(() -> config("{}"))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("config.json: the document has no key 'model_type'");
  }

  @Test
  void namesAnotherArchitecture() {
    assertThatThrownBy(() -> config("{\"model_type\":\"llama\"}"))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(
            "config.json: architecture 'llama' is not supported; supported: openai-gpt, gpt2");
    assertThatThrownBy(() -> config("{\"model_type\":7}"))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("config.json: 'model_type' is the number 7, expected a string");
    assertThatThrownBy(() -> config("[]"))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("config.json: the document is an array, expected an object");
  }

  @Test
  void keepsTheDocumentForKeysOfOthers() throws IOException {
    assertThat(gpt2("\"extract_token_id\":7").json().required("extract_token_id").asInt())
        .isEqualTo(7);
  }
}
