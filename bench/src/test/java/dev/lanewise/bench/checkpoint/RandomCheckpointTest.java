package dev.lanewise.bench.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.GptTensors;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomCheckpointTest {

  private static final GptShape TINY = GptShape.TINY;
  private static final GptShape TINY_GPT1 =
      new GptShape("tiny1", ModelConfig.Architecture.OPENAI_GPT, 40_478, 64, 48, 2, 3);

  @TempDir Path work;

  @Test
  void classifierHasAllTensorsOfItsConfig() throws IOException {
    Path folder = RandomCheckpoint.classifier(work, TINY);
    ModelConfig config = ModelConfig.read(folder);
    assertThat(config.labels()).containsExactly("LABEL_0", "LABEL_1");
    assertThat(config.padTokenId()).isEmpty();
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      GptTensors tensors = GptTensors.of(checkpoint, config);
      assertThat(tensors.blocks()).hasSize(2);
      assertThat(tensors.classifier()).isPresent();
      assertThat(tensors.unused()).isEmpty();
    }
    assertThat(folder.resolve("merges.txt")).exists();
  }

  @Test
  void languageModelOfGpt1HasNoFinalNormNorHead() throws IOException {
    Path folder = RandomCheckpoint.languageModel(work, TINY_GPT1);
    ModelConfig config = ModelConfig.read(folder);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      GptTensors tensors = GptTensors.of(checkpoint, config);
      assertThat(tensors.finalNorm()).isEmpty();
      assertThat(tensors.classifier()).isEmpty();
      assertThat(tensors.isTied()).isTrue();
      assertThat(tensors.unused()).isEmpty();
    }
    assertThat(folder.resolve("tokenizer.json")).exists();
  }

  @Test
  void languageModelNeverEndsByItself() throws IOException {
    assertThat(ModelConfig.read(RandomCheckpoint.languageModel(work, TINY)).eosTokenIds())
        .isEmpty();
  }

  @Test
  void fileHoldsTheValues() throws IOException {
    Path folder = RandomCheckpoint.classifier(work, TINY);
    GptShape.Tensor score =
        TINY.tensors(true).stream()
            .filter(t -> t.name().equals("score.weight"))
            .findFirst()
            .orElseThrow();
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Arena arena = Arena.ofConfined()) {
      var floats =
          checkpoint.floats(
              Objects.requireNonNull(checkpoint.tensors().get("score.weight")), arena);
      float[] found =
          floats
              .segment()
              .asSlice(floats.offset(), floats.length() * 4L)
              .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      assertThat(found).isEqualTo(RandomCheckpoint.values(score));
    }
  }

  @Test
  void valuesHaveTheirMeanAndDeviationAndDifferByName() {
    GptShape.Tensor a = new GptShape.Tensor("h.0.mlp.c_fc.weight", List.of(100, 100));
    GptShape.Tensor b = new GptShape.Tensor("h.1.mlp.c_fc.weight", List.of(100, 100));
    float[] values = RandomCheckpoint.values(a);
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    assertThat(sum / values.length).isCloseTo(0, within(0.002));
    assertThat(Math.sqrt(squares / values.length)).isCloseTo(0.04, within(0.002));
    assertThat(RandomCheckpoint.values(a)).isEqualTo(values);
    assertThat(Arrays.equals(RandomCheckpoint.values(b), values)).isFalse();
  }

  @Test
  void aFolderThatIsThereIsUsedAsItIs() throws IOException {
    Path folder = RandomCheckpoint.tokenizer(work, TINY);
    FileTime old = FileTime.fromMillis(1_000_000_000_000L);
    Path file = folder.resolve("merges.txt");
    Files.setLastModifiedTime(file, old);
    assertThat(RandomCheckpoint.tokenizer(work, TINY)).isEqualTo(folder);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);
  }
}
