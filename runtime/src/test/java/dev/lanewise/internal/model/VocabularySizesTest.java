package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.ModelOptions;
import dev.lanewise.Truncation;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.IncompatibleCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokenizers with more or fewer ids than the embedding has rows. */
class VocabularySizesTest {

  private static final Path MODEL =
      Path.of("..", "loader", "src", "test", "resources", "gguf", "hf");

  @TempDir private Path folder;

  private LoadedModel open() throws IOException {
    return LoadedModel.open(folder, ModelOptions.defaults().withKernels(Kernels.scalar()), 1);
  }

  private void copy(String from, String to, String config) throws IOException {
    for (String name : List.of("model.safetensors", "tokenizer.json", "config.json")) {
      Files.copy(MODEL.resolve(name), folder.resolve(name));
    }
    change("tokenizer.json", from, to);
    change("config.json", "\"vocab_size\": 320", config);
  }

  private void change(String name, String from, String to) throws IOException {
    Path file = folder.resolve(name);
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  private static String added(int id, String content, boolean special) {
    return "{\"id\":%d,\"content\":\"%s\",\"special\":%b},".formatted(id, content, special);
  }

  private static final String LIST = "\"added_tokens\": [";

  @Test
  void theEmbeddingCountsNotTheConfig() throws IOException {
    copy(LIST, LIST, "\"vocab_size\": 400");
    try (LoadedModel model = open()) {
      assertThat(model.config().vocabSize()).isEqualTo(320);
      assertThatThrownBy(() -> model.ids(new int[] {320}))
          .hasMessageContaining("id 320 at place 0 is out of range, the vocabulary has 0 to 319");
    }
  }

  @Test
  void aPaddingTokenPastTheEmbeddingDoesNoHarm() throws IOException {
    copy(LIST, LIST + added(320, "[PAD]", true), "\"vocab_size\": 320");
    try (LoadedModel model = open()) {
      assertThat(model.tokenizer().vocabSize()).isEqualTo(321);
      int[] ids = model.textEncoder().encode("the [PAD]", Truncation.ERROR).ids();
      assertThat(ids).doesNotContain(320);
    }
  }

  @Test
  void aTemplateTokenPastTheEmbeddingIsRefusedWithTheText() throws IOException {
    copy(LIST, LIST + added(320, "[CLS]", true), "\"vocab_size\": 320");
    change(
        "tokenizer.json",
        "\"single\": [",
        "\"single\": [{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}},");
    change(
        "tokenizer.json",
        "\"special_tokens\": {}",
        "\"special_tokens\": {\"[CLS]\":{\"id\":\"[CLS]\",\"ids\":[320],\"tokens\":[\"[CLS]\"]}}");
    try (LoadedModel model = open()) {
      assertThatThrownBy(() -> model.textEncoder().encode("the", Truncation.ERROR))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the tokenizer adds '[CLS]', id 320, to every text, but the model's embedding has"
                  + " 320 rows");
    }
  }

  @Test
  void anOrdinaryTokenPastTheEmbeddingMeansAnotherModel() throws IOException {
    copy(LIST, LIST + added(320, "word", false), "\"vocab_size\": 320");
    assertThatThrownBy(this::open)
        .isInstanceOf(IncompatibleCheckpointException.class)
        .hasMessageContaining(
            "the tokenizer has ids up to 320, but the model's embedding has 320 rows; they belong"
                + " to different models");
  }
}
