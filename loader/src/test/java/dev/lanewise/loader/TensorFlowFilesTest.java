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
import org.junit.jupiter.params.provider.ValueSource;

class TensorFlowFilesTest {

  @TempDir private Path folder;

  private void write(String prefix, float value) throws IOException {
    new BundleBytes().floats("a", new long[] {1}, value).write(folder, prefix);
  }

  private void state(String text) throws IOException {
    Files.writeString(folder.resolve("checkpoint"), text);
  }

  private void assertTakes(Path path, String description) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      assertThat(checkpoint.description()).isEqualTo(description);
      assertThat(checkpoint.folder()).isEqualTo(folder);
      assertThat(checkpoint.tensors()).hasSize(1);
    }
  }

  @Test
  void takesFolderPrefixIndexDataOrState() throws IOException {
    write("model.ckpt", 1);
    state("model_checkpoint_path: \"model.ckpt\"\n");
    Files.createFile(folder.resolve("model.ckpt.meta"));
    for (String name :
        List.of(
            "",
            "model.ckpt",
            "model.ckpt.index",
            "model.ckpt.data-00000-of-00001",
            "model.ckpt.meta",
            "checkpoint")) {
      assertTakes(name.isEmpty() ? folder : folder.resolve(name), "model.ckpt");
    }
  }

  @Test
  void takesTheStepThatTheStateNames() throws IOException {
    write("model.ckpt-500", 1);
    write("model.ckpt-1000", 2);
    write("model.ckpt-1500", 3);
    state(
        """
        model_checkpoint_path: "/home/user/run 1/model.ckpt-1000"
        all_model_checkpoint_paths: "/home/user/run 1/model.ckpt-500"
        all_model_checkpoint_timestamps: 1566.5
        """);
    String description =
        "model.ckpt-1000, step 1000 (named by the file 'checkpoint'; not model.ckpt-500.index,"
            + " model.ckpt-1500.index)";
    assertTakes(folder, description);
    assertTakes(folder.resolve("checkpoint"), description);
    assertTakes(folder.resolve("model.ckpt-1500"), "model.ckpt-1500, step 1500");
  }

  @Test
  void takesTheHighestStepWhereThereIsNoState() throws IOException {
    write("model-90", 1);
    write("model-100", 2);
    assertTakes(folder, "model-100, step 100 (the highest step; not model-90.index)");
    write("other", 3);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(
            folder
                + ": holds several checkpoints, say which: other.index, model-90.index,"
                + " model-100.index");
  }

  @Test
  void saysThatTheNamedStepIsNotThere() throws IOException {
    write("model.ckpt-500", 1);
    state("model_checkpoint_path: 'model.ckpt-1000'");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(
            "model.ckpt-1000.index: no such file, but the file 'checkpoint' names it; there are"
                + " model.ckpt-500.index");
  }

  @Test
  void doesNotMixStaleDataFilesIn() throws IOException {
    write("model.ckpt", 1);
    Files.write(folder.resolve("model.ckpt.data-00000-of-00002"), new byte[4]);
    Files.write(folder.resolve("model.ckpt.data-00001-of-00002"), new byte[4]);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.files())
          .containsExactly(folder.resolve("model.ckpt.data-00000-of-00001"));
    }
  }

  @Test
  void otherWeightsGoFirstAndItIsSaid() throws IOException {
    write("model.ckpt", 1);
    new SafetensorsFile().zeros("a", 1).write(folder.resolve("model.safetensors"));
    assertTakes(folder, "model.safetensors (not model.ckpt.index)");
  }

  @Test
  void saysWhichOthersItPassedOver() throws IOException {
    write("model-1", 1);
    write("model-2", 1);
    Files.writeString(folder.resolve("tf_model.h5"), "\u0089HDF");
    assertTakes(folder, "model-2, step 2 (the highest step; not model-1.index, tf_model.h5)");
    Files.delete(folder.resolve("model-1.index"));
    assertTakes(folder, "model-2, step 2 (not tf_model.h5)");
  }

  @Test
  void readsEscapesInTheState() throws IOException {
    write("na\u00efve's.ckpt-7", 1);
    for (String text : List.of("\"na\\303\\257ve\\'s.ckpt-7\"", "\"C:\\\\x\\\\naïve's.ckpt-7\"")) {
      state("model_checkpoint_path : " + text);
      assertTakes(folder, "naïve's.ckpt-7, step 7");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "model_checkpoint_path",
        "model_checkpoint_path: ",
        "model_checkpoint_path: m",
        "model_checkpoint_path: \"",
        "model_checkpoint_path: \"m'",
        "model_checkpoint_path: \"m\" x\"",
        "model_checkpoint_path: \"\"",
        "model_checkpoint_path: \"..\"",
        "model_checkpoint_path: \"x/\"",
        "model_checkpoint_path: \"a?b\"",
        "model_checkpoint_path: \"\\x61\"",
        "model_checkpoint_path: \"m\\\"",
        "model_checkpoint_path: \"\\000\"",
        "model_checkpoint_path: \"\\377\"",
        "model_checkpoint_path: \"m\"\nmodel_checkpoint_path: \"m\""
      })
  void refusesABrokenState(String text) throws IOException {
    write("m", 1);
    state(text);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("checkpoint: ");
  }

  @Test
  void refusesAHugeState() throws IOException {
    state(" ".repeat((1 << 20) + 1));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("has more than 1048576 bytes");
  }

  @Test
  void readsTheHyperparametersOfTheRelease() throws IOException {
    Path model = Fixtures.model("gpt2-lm-tensorflow");
    for (String name :
        List.of("", "model.ckpt", "model.ckpt.index", "checkpoint", "hparams.json")) {
      ModelConfig config = ModelConfig.read(name.isEmpty() ? model : model.resolve(name));
      ModelConfig expected = ModelConfig.read(Fixtures.model("gpt2-lm"));
      assertThat(config.architecture()).isEqualTo(expected.architecture());
      assertThat(config.vocabSize()).isEqualTo(expected.vocabSize());
      assertThat(config.nPositions()).isEqualTo(expected.nPositions());
      assertThat(config.nEmbd()).isEqualTo(expected.nEmbd());
      assertThat(config.nLayer()).isEqualTo(expected.nLayer());
      assertThat(config.nHead()).isEqualTo(expected.nHead());
      assertThat(config.activation()).isEqualTo(expected.activation());
      assertThat(config.layerNormEpsilon()).isEqualTo(expected.layerNormEpsilon());
    }
  }

  @Test
  void refusesBrokenHyperparameters() throws IOException {
    write("m", 1);
    Path file = folder.resolve("hparams.json");
    Files.writeString(file, "{\"n_vocab\":9,\"n_ctx\":8,\"n_embd\":4,\"n_head\":2}");
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("hparams.json: the document has no key 'n_layer'");
    Files.writeString(file, "{\"n_vocab\":0,\"n_ctx\":8,\"n_embd\":4,\"n_head\":2,\"n_layer\":1}");
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("n_vocab");
  }

  @Test
  void inspectsAPrefix() throws IOException {
    Path model = Fixtures.model("gpt2-lm-tensorflow");
    for (Path path : List.of(model, model.resolve("model.ckpt"))) {
      Inspection inspection = Inspection.of(path);
      assertThat(inspection.problems()).isEmpty();
      assertThat(inspection.format()).isEqualTo("TensorFlow checkpoint");
      assertThat(inspection.tensors()).hasSize(40);
    }
  }
}
