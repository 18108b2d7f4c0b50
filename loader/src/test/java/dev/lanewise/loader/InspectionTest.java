package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InspectionTest {

  static List<Path> models() throws IOException {
    return Fixtures.models();
  }

  @ParameterizedTest
  @MethodSource("models")
  void findsNoProblemInTheFixtures(Path folder) throws IOException {
    Inspection inspection = Inspection.of(folder);
    assertThat(inspection.problems()).isEmpty();
    assertThat(inspection.remarks()).isEmpty();
    assertThat(inspection.format()).containsPattern("^(safetensors|TensorFlow|PyTorch|NumPy)");
    assertThat(inspection.config()).isPresent();
  }

  @Test
  void countsParametersWithoutMasks() throws IOException {
    Inspection plain = Inspection.of(Fixtures.model("openai-gpt-lm"));
    // 200 x 48 and 64 x 48 embeddings, 3 blocks of 12 C^2 + 13 C.
    assertThat(plain.parameters()).isEqualTo(264L * 48 + 3 * (12 * 48 * 48 + 13 * 48));
    assertThat(plain.bytes()).isEqualTo(4 * plain.parameters());
    Inspection masks = Inspection.of(Fixtures.model("openai-gpt-lm-hubstyle"));
    assertThat(masks.parameters()).isEqualTo(plain.parameters());
    assertThat(masks.bytes()).isGreaterThan(plain.bytes());
  }

  @Test
  void listsEveryProblem(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"bert\"}");
    Files.writeString(folder.resolve("model.safetensors"), "<html>");
    Inspection inspection = Inspection.of(folder);
    assertThat(inspection.problems())
        .containsExactly(
            "config.json: architecture 'bert' is not supported; supported: openai-gpt, gpt2",
            "model.safetensors: is an HTML page, not weights; download the file again");
    assertThat(inspection.format()).isEmpty();
    assertThat(inspection.tensors()).isEmpty();
  }

  @Test
  void comparesWeightsWithTheConfig(@TempDir Path folder) throws IOException {
    Files.copy(
        Fixtures.model("gpt2-lm").resolve("model.safetensors"),
        folder.resolve("model.safetensors"));
    Files.copy(Fixtures.model("gpt2-clf").resolve("config.json"), folder.resolve("config.json"));
    assertThat(Inspection.of(folder).problems())
        .containsExactly("model.safetensors: tensor 'score.weight' is missing");
    assertThat(Inspection.of(folder).tensors()).hasSize(40);
  }

  @Test
  void remarksOnWhatIsUnusual(@TempDir Path folder) throws IOException {
    Files.copy(
        Fixtures.model("gpt2-clf").resolve("model.safetensors"),
        folder.resolve("model.safetensors"));
    String config =
        Files.readString(Fixtures.model("gpt2-clf").resolve("config.json"))
            .replaceFirst("(?s)\"id2label\": \\{.*?\\},", "")
            .replaceFirst("(?s)\"label2id\": \\{.*?\\},", "")
            .replace("\"n_layer\": 2", "\"n_layer\": 1");
    Files.writeString(folder.resolve("config.json"), config);
    Inspection inspection = Inspection.of(folder.resolve("model.safetensors"));
    assertThat(inspection.problems()).isEmpty();
    assertThat(inspection.remarks())
        .hasSize(7)
        .contains(
            "tensor 'transformer.h.1.attn.c_attn.bias' is not used",
            "7 more tensors are not used",
            "the config names no classes ('id2label'); they are called LABEL_0, LABEL_1 ...");
  }

  @Test
  void saysThatAPathIsMissing(@TempDir Path folder) {
    assertThatThrownBy(() -> Inspection.of(folder.resolve("nothing")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no such file or folder");
    Path config = folder.resolve("config.json");
    assertThatThrownBy(() -> ModelConfig.read(folder)).hasMessageContaining(config.toString());
  }
}
