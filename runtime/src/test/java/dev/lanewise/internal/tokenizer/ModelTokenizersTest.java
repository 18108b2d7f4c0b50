package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers of the tiny checkpoints and of the models that ship. */
class ModelTokenizersTest {

  private static final String PAPER_TASKS = "models/openai-gpt-paper-tasks";

  @TempDir Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"models/openai-gpt-lm", "models/gpt2-lm"})
  void everyFormOfFilesGivesTheIdsOfTheTexts(String model) throws IOException {
    List<JsonValue> cases =
        TokenizerFixture.json(model + "/expected.json").required("text_cases").asArray().elements();
    assertThat(cases).isNotEmpty();
    for (Tokenizer tokenizer :
        List.of(
            TokenizerFixture.open(model),
            Tokenizer.open(
                TokenizerFixture.folder(
                    temp.resolve("strings"), model, "tokenizer.string-merges.json=tokenizer.json")),
            Tokenizer.open(
                TokenizerFixture.folder(
                    temp.resolve("files"),
                    model,
                    "vocab.json",
                    "merges.txt",
                    "tokenizer_config.json")))) {
      for (JsonValue value : cases) {
        JsonObject each = value.asObject();
        assertThat(tokenizer.encode(each.required("text").asString()))
            .isEqualTo(TokenizerFixture.ints(each.required("ids")));
      }
    }
  }

  @Test
  void paperTasksAreJoinedFromTheirPartsAndSpecialTokens() throws IOException {
    assertPaperTasks(TokenizerFixture.open(PAPER_TASKS));
  }

  @Test
  void specialTokensOfTheConfigGetTheNextIds() throws IOException {
    assertPaperTasks(
        Tokenizer.open(
            TokenizerFixture.folder(
                temp, PAPER_TASKS, "vocab.json", "merges.txt", "tokenizer_config.json")));
  }

  @Test
  void specialTokensOfTheCallerGetTheNextIds() throws IOException {
    Path folder = TokenizerFixture.folder(temp, PAPER_TASKS, "vocab.json", "merges.txt");
    assertThat(Tokenizer.open(folder).id("<start>")).isEmpty();
    assertPaperTasks(Tokenizer.open(folder, List.of("<start>", "<delim>", "<extract>")));
  }

  private static void assertPaperTasks(Tokenizer tokenizer) throws IOException {
    JsonObject expected = TokenizerFixture.json(PAPER_TASKS + "/expected.json");
    assertThat(tokenizer.vocabSize()).isEqualTo(203);
    int[] start = {tokenizer.id("<start>").orElseThrow()};
    int[] delimiter = {tokenizer.id("<delim>").orElseThrow()};
    int[] extract = {tokenizer.id("<extract>").orElseThrow()};
    assertThat(start[0]).isEqualTo(expected.required("start").asInt());
    assertThat(delimiter[0]).isEqualTo(expected.required("delim").asInt());
    assertThat(extract[0]).isEqualTo(expected.required("extract").asInt());
    for (int id : List.of(start[0], delimiter[0], extract[0], 0)) {
      assertThat(tokenizer.isSpecial(id)).isTrue();
    }
    for (JsonValue value : expected.required("classification").asArray()) {
      JsonObject each = value.asObject();
      int[] text = tokenizer.encode(each.required("text").asString());
      assertThat(concat(start, text, extract))
          .isEqualTo(TokenizerFixture.ints(each.required("ids")));
    }
    for (JsonValue value : expected.required("entailment").asArray()) {
      JsonObject each = value.asObject();
      int[] premise = tokenizer.encode(each.required("premise").asString());
      int[] hypothesis = tokenizer.encode(each.required("hypothesis").asString());
      int[] ids = TokenizerFixture.ints(each.required("ids"));
      assertThat(concat(start, premise, delimiter, hypothesis, extract)).isEqualTo(ids);
      String text =
          "<start>%s<delim>%s<extract>"
              .formatted(
                  each.required("premise").asString(), each.required("hypothesis").asString());
      assertThat(tokenizer.encode(text, Specials.PARSE, true)).isEqualTo(ids);
      assertThat(tokenizer.encode(text)).doesNotContain(start[0], delimiter[0], extract[0]);
    }
  }

  private static int[] concat(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
  }

  @Test
  void intentsModelHasItsTemplateInTokenizerJson() throws IOException {
    Path folder = Path.of("..", "models", "intents-gpt1");
    Tokenizer tokenizer = Tokenizer.open(folder);
    int count = 0;
    for (JsonValue value : examples(folder)) {
      JsonObject each = value.asObject();
      assertThat(tokenizer.encode(each.required("text").asString()))
          .isEqualTo(TokenizerFixture.ints(each.required("input_ids")));
      count++;
    }
    assertThat(count).isEqualTo(20);
    assertThat(tokenizer.encode("")).containsExactly(8000, 8001);
    assertThat(tokenizer.encode("<start>", Specials.TEXT, false)).doesNotContain(8000);
  }

  @Test
  void languageModelDecodesItsContinuations() throws IOException {
    Path folder = Path.of("..", "models", "tiny-gpt1-lm");
    Tokenizer tokenizer = Tokenizer.open(folder);
    for (JsonValue value : examples(folder)) {
      JsonObject each = value.asObject();
      int[] prompt = TokenizerFixture.ints(each.required("input_ids"));
      int[] greedy = TokenizerFixture.ints(each.required("greedy_ids"));
      assertThat(tokenizer.encode(each.required("prompt").asString())).isEqualTo(prompt);
      TokenizerFixture.assertDecodes(tokenizer, greedy, each.required("text").asString());
      TokenizerFixture.assertDecodes(
          tokenizer, concat(prompt, greedy), each.required("full_text").asString());
    }
  }

  private static List<JsonValue> examples(Path folder) throws IOException {
    JsonObject file = Json.read(folder.resolve("expected.json")).asObject();
    return file.required("examples").asArray().elements();
  }
}
