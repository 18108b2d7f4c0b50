package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardIndexTest {

  @TempDir private Path folder;

  @BeforeEach
  void writeShards() throws IOException {
    new SafetensorsFile().zeros("a", 1).zeros("b", 2).write(folder.resolve("one.safetensors"));
    new SafetensorsFile().zeros("c", 3).write(folder.resolve("two.safetensors"));
  }

  private void writeIndex(String json) throws IOException {
    Files.writeString(folder.resolve("model.safetensors.index.json"), json);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String json)
      throws IOException {
    writeIndex(json);
    return assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class);
  }

  private static String mapping(String tensor, String file) {
    return "{\"weight_map\":{\"a\":\"one.safetensors\",\"" + tensor + "\":\"" + file + "\"}}";
  }

  @Test
  void opensAllShards() throws IOException {
    writeIndex("{\"metadata\":{\"total_size\":24}," + mapping("c", "two.safetensors").substring(1));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b", "c");
      assertThat(checkpoint.data(checkpoint.tensors().lastEntry().getValue()).byteSize())
          .isEqualTo(12);
    }
  }

  @Test
  void namesAMissingShard() throws IOException {
    writeIndex(mapping("d", "three.safetensors"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(
            folder.resolve("three.safetensors")
                + ": this shard is missing, named by model.safetensors.index.json");
  }

  @Test
  void refusesATensorThatIsNotInItsShard() throws IOException {
    assertRefused(mapping("c", "one.safetensors"))
        .hasMessage(
            "model.safetensors.index.json: tensor 'c' is not in one.safetensors, where the index"
                + " has it");
  }

  @Test
  void refusesATensorInTwoShards() throws IOException {
    new SafetensorsFile().zeros("c", 3).zeros("a", 1).write(folder.resolve("two.safetensors"));
    assertRefused(mapping("c", "two.safetensors"))
        .hasMessage("two.safetensors: tensor 'a' is stored in one.safetensors too");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x.safetensors",
        "/etc/passwd",
        "sub/x.safetensors",
        "..",
        ".",
        "",
        "C:x",
        "a\\\\..\\\\x",
        "a\\u0000b",
        "a\\nb"
      })
  void refusesAPathThatLeavesTheFolder(String name) throws IOException {
    assertRefused(mapping("d", name))
        .hasMessageContaining("model.safetensors.index.json: 'weight_map.d' is")
        .hasMessageContaining("expected the name of a file in the same folder");
  }

  @Test
  void refusesAnIndexOfAnotherShape() throws IOException {
    assertRefused("{\"weight_map\":[]}").hasMessageContaining("'weight_map' is an array");
    assertRefused("{\"weight_map\":{}}").hasMessageContaining("lists no tensor");
    assertRefused("{\"weight_map\":{\"a\":1}}")
        .hasMessageContaining("'weight_map.a' is the number 1, expected a string");
    assertRefused("{\"weight_map\":").hasMessageContaining("invalid JSON at line 1");
    assertRefused("{\"weight_map\":{\"a\":\"one.safetensors\",\"a\":\"two.safetensors\"}}")
        .hasMessageContaining("duplicate key 'a'");
  }

  @Test
  void refusesAnotherFormatAmongTheShards() throws IOException {
    Files.writeString(folder.resolve("two.safetensors"), "version https://git-lfs.github.com/");
    assertRefused(mapping("c", "two.safetensors"))
        .hasMessageContaining("two.safetensors: is a Git LFS pointer");
    Files.writeString(folder.resolve("two.safetensors"), "GGUF");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class);
    Files.delete(folder.resolve("two.safetensors"));
    Files.createDirectory(folder.resolve("two.safetensors"));
    assertRefused(mapping("c", "two.safetensors"))
        .hasMessageContaining("is a folder, expected a file");
  }

  @Test
  void refusesTooManyShards() throws IOException {
    StringBuilder map = new StringBuilder("{\"weight_map\":{\"a\":\"one.safetensors\"");
    for (int i = 0; i < 1000; i++) {
      map.append(",\"t").append(i).append("\":\"f").append(i).append("\"");
    }
    writeIndex(map + "}}");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("more than 1000 shards");
  }
}
