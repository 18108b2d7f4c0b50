package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFilesTest {

  @TempDir private Path folder;

  private Path write(String name, String content) throws IOException {
    return Files.write(folder.resolve(name), content.getBytes(ISO_8859_1));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertMalformed(String content)
      throws IOException {
    Path file = write("model.safetensors", content);
    return assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("model.safetensors: ");
  }

  private void assertUnsupported(String name, String content, String words) throws IOException {
    Path file = write(name, content);
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageStartingWith(name + ": ")
        .hasMessageContaining(words)
        .hasMessageContaining("supported: safetensors");
  }

  private void assertTakes(String description, int tensors) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.description()).isEqualTo(description);
      assertThat(checkpoint.tensors()).hasSize(tensors);
      assertThat(checkpoint.folder()).isEqualTo(folder);
    }
  }

  @Test
  void saysThatAPathIsMissing() {
    Path missing = folder.resolve("nothing");
    assertThatThrownBy(() -> Checkpoint.open(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(missing + ": no such file or folder");
    assertThatThrownBy(() -> ModelConfig.read(missing))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(missing + ": no such file or folder");
  }

  @Test
  void saysThatAFolderHasNoWeights() throws IOException {
    write("config.json", "{}");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(
            folder
                + ": no weights in this folder, expected model.safetensors, a .gguf file,"
                + " pytorch_model.bin, params_shapes.json or a TensorFlow checkpoint");
  }

  @Test
  void saysThatAFolderHasNoConfig() throws IOException {
    new SafetensorsFile().zeros("a", 1).write(folder.resolve("model.safetensors"));
    for (Path path : new Path[] {folder, folder.resolve("model.safetensors")}) {
      assertThatThrownBy(() -> ModelConfig.read(path))
          .isInstanceOf(NoSuchFileException.class)
          .hasMessage(
              folder.resolve("config.json") + ": no config.json in the folder of the model");
    }
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    assertMalformed("").hasMessageContaining("is empty; download it again");
  }

  @Test
  void recognizesAGitLfsPointer() throws IOException {
    assertMalformed(
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 548105171\n")
        .hasMessageContaining("is a Git LFS pointer, not weights; run 'git lfs pull'");
  }

  @Test
  void recognizesHtml() throws IOException {
    assertMalformed("<!DOCTYPE html><html>Not found</html>")
        .hasMessageContaining("is an HTML page, not weights");
    assertMalformed("\u00ef\u00bb\u00bf\n <HTML>").hasMessageContaining("is an HTML page");
  }

  @Test
  void saysThatRandomBytesAreNoSafetensors() throws IOException {
    byte[] bytes = new byte[4096];
    new Random(42).nextBytes(bytes);
    assertMalformed(new String(bytes, ISO_8859_1))
        .hasMessageContaining("the header length is")
        .hasMessageContaining("not a safetensors file");
  }

  @Test
  void namesFormatsThatAreKnownButNotSupported() throws IOException {
    assertUnsupported("params_0.npy", "\u0093NUMPY\u0001\u0000", "is a NumPy array");
    assertUnsupported("tf_model.h5", "\u0089HDF\r\n\u001a\n", "is an HDF5 file");
    assertUnsupported("model.safetensors.gz", "\u001f\u008b\b", "is compressed by gzip");
    assertUnsupported("notes.txt", "hello, world", "is of no known format");
  }

  @Test
  void readsASafetensorsFileThatBeginsLikeAPickle() throws IOException {
    Path file = folder.resolve("model.safetensors");
    // 0x280 bytes of header: 80 02, as a pickle of protocol 2.
    SafetensorsFile.write(file, "{}" + " ".repeat(638), new byte[0]);
    assertThat(Files.readAllBytes(file)).startsWith(0x80, 2);
    assertTakes("model.safetensors", 0);
  }

  @Test
  void refusesJsonThatIsNoIndex() throws IOException {
    Path file = write("config.json", "{\"model_type\":\"gpt2\"}");
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("config.json: has no key 'weight_map'");
  }

  @Test
  void refusesADirectoryInPlaceOfAFile() throws IOException {
    Files.createDirectory(folder.resolve("model.safetensors"));
    Files.createDirectory(folder.resolve("config.json"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("model.safetensors: is a folder, expected a file");
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("config.json: is a folder, expected a file");
  }

  @Test
  void prefersTheSingleFileAndSaysSo() throws IOException {
    new SafetensorsFile().zeros("a", 1).write(folder.resolve("model.safetensors"));
    assertTakes("model.safetensors", 1);
    write("model.safetensors.index.json", "{}");
    write("pytorch_model.bin", "PK");
    assertTakes("model.safetensors (not model.safetensors.index.json, pytorch_model.bin)", 1);
  }

  @Test
  void takesTheOnlySafetensorsFileOfAnotherName() throws IOException {
    new SafetensorsFile().zeros("a", 1).write(folder.resolve("weights.safetensors"));
    write("pytorch_model.bin", "PK");
    assertTakes("weights.safetensors (not pytorch_model.bin)", 1);
  }

  @Test
  void asksWhichOfSeveralFilesIsMeant() throws IOException {
    new SafetensorsFile().zeros("a", 1).write(folder.resolve("one.safetensors"));
    new SafetensorsFile().zeros("a", 1).write(folder.resolve("two.safetensors"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(
            folder + ": holds several weight files, say which: one.safetensors, two.safetensors");
  }

  @Test
  void explainsAFolderWithOtherWeightsOnly() throws IOException {
    write("tf_model.h5", "\u0089HDF\r\n\u001a\n");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("tf_model.h5: is an HDF5 file, perhaps of TensorFlow");
  }

  @Test
  void findsShardsByNameWhereThereIsNoIndex() throws IOException {
    Path first = folder.resolve("model-00001-of-00002.safetensors");
    new SafetensorsFile().zeros("a", 1).write(first);
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("model-00002-of-00002.safetensors: this shard is missing");
    new SafetensorsFile().zeros("b", 1).write(folder.resolve("model-00002-of-00002.safetensors"));
    assertTakes("2 shards found by name", 2);
    try (Checkpoint checkpoint = Checkpoint.open(first)) {
      assertThat(checkpoint.tensors()).hasSize(2);
    }
  }

  @Test
  void refusesAbsurdShardCounts() throws IOException {
    Path first = folder.resolve("model-00001-of-99999.safetensors");
    new SafetensorsFile().zeros("a", 1).write(first);
    assertThatThrownBy(() -> Checkpoint.open(first))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("names 99999 shards, supported are 1 to 1000");
  }
}
