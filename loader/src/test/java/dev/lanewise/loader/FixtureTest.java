package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.loader.ModelConfig.Architecture;
import dev.lanewise.loader.ModelConfig.ProblemType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FixtureTest {

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static List<Path> models() throws IOException {
    return Fixtures.models();
  }

  private static MemorySegment bytes(Floats floats) {
    return floats.segment().asSlice(floats.offset(), floats.length() * 4L);
  }

  private static float value(Floats floats, int index) {
    return floats.segment().get(F32, floats.offset() + index * 4L);
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyFixtureMapsCompletely(Path folder) throws IOException {
    ModelConfig config = ModelConfig.read(folder);
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Arena arena = Arena.ofConfined()) {
      GptTensors tensors = GptTensors.of(checkpoint, config);
      assertThat(tensors.unused()).isEmpty();
      assertThat(tensors.blocks()).hasSize(config.nLayer());
      assertThat(tensors.finalNorm().isPresent())
          .isEqualTo(config.architecture() == Architecture.GPT2);
      assertThat(tensors.output()).isPresent();
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        assertThat(checkpoint.data(tensor).byteSize()).isEqualTo(tensor.bytes());
        assertThat(checkpoint.data(tensor).isReadOnly()).isTrue();
        assertThat((long) checkpoint.floats(tensor, arena).length()).isEqualTo(tensor.elements());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "openai-gpt-lm, openai-gpt-lm-hubstyle",
    "openai-gpt-lm, openai-gpt-lm-sharded",
    "openai-gpt-lm, openai-gpt-lm-bin",
    "openai-gpt-lm, openai-gpt-lm-bin/pytorch_model.legacy.bin",
    "gpt2-lm, gpt2-lm-tensorflow"
  })
  void otherContainersHoldTheSameWeights(String first, String other) throws IOException {
    ModelConfig config = ModelConfig.read(Fixtures.model(first));
    try (Checkpoint one = Checkpoint.open(Fixtures.model(first));
        Checkpoint two = Checkpoint.open(Fixtures.model(other))) {
      List<TensorInfo> left = all(GptTensors.of(one, config));
      List<TensorInfo> right = all(GptTensors.of(two, config));
      assertThat(right).hasSameSizeAs(left);
      for (int i = 0; i < left.size(); i++) {
        assertThat(one.data(left.get(i)).mismatch(two.data(right.get(i)))).isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai-gpt-lm-fp16", "openai-gpt-lm-bf16"})
  void sixteenBitsAreWidenedToTheRoundedWeights(String other) throws IOException {
    ModelConfig config = ModelConfig.read(Fixtures.model("openai-gpt-lm"));
    try (Arena arena = Arena.ofConfined();
        Checkpoint exact = Checkpoint.open(Fixtures.model("openai-gpt-lm"));
        Checkpoint rounded = Checkpoint.open(Fixtures.model(other))) {
      List<TensorInfo> left = all(GptTensors.of(exact, config));
      List<TensorInfo> right = all(GptTensors.of(rounded, config));
      double relative = other.endsWith("bf16") ? 1.0 / 256 : 1.0 / 2048;
      for (int i = 0; i < left.size(); i++) {
        Floats expected = exact.floats(left.get(i), arena);
        Floats found = rounded.floats(right.get(i), arena);
        for (int k = 0; k < expected.length(); k++) {
          float x = value(expected, k);
          assertThat(value(found, k)).isCloseTo(x, within((float) (Math.abs(x) * relative + 3e-8)));
        }
      }
    }
  }

  private static List<TensorInfo> all(GptTensors tensors) {
    return Stream.concat(
            Stream.of(tensors.tokenEmbedding(), tensors.positionEmbedding()),
            tensors.blocks().stream()
                .flatMap(
                    b ->
                        Stream.of(
                            b.norm1().weight(),
                            b.norm1().bias(),
                            b.attention().weight(),
                            b.attention().bias(),
                            b.projection().weight(),
                            b.projection().bias(),
                            b.norm2().weight(),
                            b.norm2().bias(),
                            b.inner().weight(),
                            b.inner().bias(),
                            b.outer().weight(),
                            b.outer().bias())))
        .toList();
  }

  @Test
  void float32IsNotCopied() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.model("openai-gpt-lm-relu-eps"))) {
      TensorInfo tensor = checkpoint.tensors().firstEntry().getValue();
      Floats floats =
          checkpoint.floats(
              tensor,
              (_, _) -> {
                throw new AssertionError("allocates");
              });
      assertThat(bytes(floats).address()).isEqualTo(checkpoint.data(tensor).address());
    }
  }

  @Test
  void describesWhatItTook() throws IOException {
    try (Checkpoint one = Checkpoint.open(Fixtures.model("gpt2-lm"));
        Checkpoint many = Checkpoint.open(Fixtures.model("openai-gpt-lm-sharded"))) {
      assertThat(one.format()).isEqualTo("safetensors");
      assertThat(one.description()).isEqualTo("model.safetensors");
      assertThat(one.metadata()).containsEntry("format", "pt");
      assertThat(many.format()).isEqualTo("safetensors, 4 shards");
      assertThat(many.description()).isEqualTo("4 shards listed by model.safetensors.index.json");
      assertThat(many.files()).hasSize(4);
    }
  }

  @Test
  void opensAFileAsWellAsItsFolder() throws IOException {
    Path folder = Fixtures.model("openai-gpt-lm-sharded");
    for (String name :
        List.of("model.safetensors.index.json", "model-00003-of-00004.safetensors")) {
      try (Checkpoint checkpoint = Checkpoint.open(folder.resolve(name))) {
        assertThat(checkpoint.tensors()).hasSize(38);
        assertThat(checkpoint.folder()).isEqualTo(folder);
      }
      assertThat(ModelConfig.read(folder.resolve(name)).nEmbd()).isEqualTo(48);
    }
  }

  @Test
  void readsTheSettingsOfGpt1() throws IOException {
    ModelConfig config = ModelConfig.read(Fixtures.model("openai-gpt-clf"));
    assertThat(config.architecture()).isEqualTo(Architecture.OPENAI_GPT);
    assertThat(config.vocabSize()).isEqualTo(200);
    assertThat(config.nPositions()).isEqualTo(64);
    assertThat(config.nEmbd()).isEqualTo(48);
    assertThat(config.nLayer()).isEqualTo(2);
    assertThat(config.nHead()).isEqualTo(4);
    assertThat(config.headSize()).isEqualTo(12);
    assertThat(config.nInner()).isEqualTo(192);
    assertThat(config.activation()).isEqualTo(Activation.GELU_TANH);
    assertThat(config.layerNormEpsilon()).isEqualTo(1e-5f);
    assertThat(config.labels()).containsExactly("negative", "neutral", "positive");
    assertThat(config.numLabels()).isEqualTo(3);
    assertThat(config.problemType()).isEqualTo(ProblemType.SINGLE_LABEL_CLASSIFICATION);
    assertThat(config.padTokenId()).isEqualTo(OptionalInt.of(0));
    assertThat(config.eosTokenId()).isEmpty();
    assertThat(config.modelClass()).isEqualTo("OpenAIGPTForSequenceClassification");
    assertThat(ModelConfig.read(Fixtures.model("openai-gpt-lm-relu-eps")).activation())
        .isEqualTo(Activation.RELU);
  }

  @Test
  void readsTheSettingsOfGpt2() throws IOException {
    ModelConfig config = ModelConfig.read(Fixtures.model("gpt2-lm-variants"));
    assertThat(config.architecture()).isEqualTo(Architecture.GPT2);
    assertThat(config.nInner()).isEqualTo(40);
    assertThat(config.activation()).isEqualTo(Activation.GELU_ERF);
    assertThat(config.layerNormEpsilon()).isEqualTo(1e-3f);
    assertThat(config.scaleAttnWeights()).isTrue();
    assertThat(config.scaleAttnByInverseLayerIdx()).isTrue();
    assertThat(config.tieWordEmbeddings()).isFalse();
    assertThat(config.eosTokenIds()).containsExactly(0);
    assertThat(config.labels()).isEmpty();
    assertThat(ModelConfig.read(Fixtures.model("gpt2-lm")).activation())
        .isEqualTo(Activation.GELU_TANH);
  }

  @Test
  void findsHeads() throws IOException {
    try (Checkpoint lm = Checkpoint.open(Fixtures.model("gpt2-lm"));
        Checkpoint untied = Checkpoint.open(Fixtures.model("gpt2-lm-variants"));
        Checkpoint classifier = Checkpoint.open(Fixtures.model("gpt2-clf"));
        Checkpoint choice = Checkpoint.open(Fixtures.model("openai-gpt-doubleheads"))) {
      GptTensors tied = GptTensors.of(lm, ModelConfig.read(lm.folder()));
      assertThat(tied.isTied()).isTrue();
      assertThat(tied.classifier()).isEmpty();
      GptTensors stored = GptTensors.of(untied, ModelConfig.read(untied.folder()));
      assertThat(stored.isTied()).isFalse();
      assertThat(stored.output().orElseThrow().name()).isEqualTo("lm_head.weight");
      assertThat(
              GptTensors.of(classifier, ModelConfig.read(classifier.folder()))
                  .classifier()
                  .orElseThrow()
                  .weight()
                  .shape())
          .containsExactly(3L, 48L);
      // This one keeps of the tied matrices only the head.
      GptTensors doubleHeads = GptTensors.of(choice, ModelConfig.read(choice.folder()));
      assertThat(doubleHeads.tokenEmbedding().name()).isEqualTo("lm_head.weight");
      assertThat(doubleHeads.isTied()).isTrue();
      assertThat(doubleHeads.choiceHead().orElseThrow().bias()).isPresent();
    }
  }

  @Test
  void namesAnUnsupportedArchitecture() {
    assertThatThrownBy(() -> ModelConfig.read(Fixtures.model("bert-clf")))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(
            "config.json: architecture 'bert' is not supported; supported: openai-gpt, gpt2");
  }

  @Test
  void keepsTheStoredType() throws IOException {
    try (Checkpoint half = Checkpoint.open(Fixtures.model("openai-gpt-lm-fp16"))) {
      assertThat(half.tensors().values()).extracting(TensorInfo::dtype).containsOnly(DType.F16);
    }
  }
}
