package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The steps of the 2018 release, each against the original's own output. */
class OriginalPreprocessingTest {

  private static final Path GPT1 = Path.of("src/test/resources/tokenizers/gpt1");

  private static List<JsonObject> cases() throws IOException {
    // Unpaired surrogates are no JSON; the repair makes U+FFFD of them before all else.
    String text =
        Files.readString(GPT1.resolve("cases.json"))
            .replaceAll("\\\\ud[89ab][0-9a-f]{2}(?!\\\\ud[c-f])", "\\\\ufffd")
            .replaceAll("(?<!\\\\ud[89ab][0-9a-f]{2})\\\\ud[c-f][0-9a-f]{2}", "\\\\ufffd");
    JsonArray cases = Json.parse(text, "cases.json").asObject().required("cases").asArray();
    List<JsonObject> objects = new ArrayList<>();
    for (JsonValue value : cases) {
      objects.add(value.asObject());
    }
    return objects;
  }

  private static List<String> strings(JsonValue array) throws IOException {
    List<String> strings = new ArrayList<>();
    for (JsonValue value : array.asArray()) {
      strings.add(value.asString());
    }
    return strings;
  }

  private static List<Integer> ids(JsonValue array) throws IOException {
    List<Integer> ids = new ArrayList<>();
    for (JsonValue value : array.asArray()) {
      ids.add(value.asInt());
    }
    return ids;
  }

  @Test
  void repairsTextAsTheOriginalDoes() throws IOException {
    List<String> misses = new ArrayList<>();
    for (JsonObject c : cases()) {
      String repaired = TextRepair.apply(c.required("text").asString());
      if (!repaired.equals(c.required("ftfy").asString())) {
        misses.add(c.required("text").asString() + " -> " + repaired);
      }
    }
    assertThat(misses).isEmpty();
  }

  @Test
  void standardizesTextAsTheOriginalDoes() throws IOException {
    for (JsonObject c : cases()) {
      assertThat(OriginalStandard.apply(c.required("ftfy").asString()))
          .isEqualTo(c.required("standardized").asString());
    }
  }

  @Test
  void cutsWordsAsTheOriginalDoes() throws IOException {
    for (JsonObject c : cases()) {
      assertThat(EnglishSplit.tokens(c.required("standardized").asString()))
          .as(c.required("standardized").asString())
          .isEqualTo(strings(c.required("spacy_tokens")));
    }
  }

  @Test
  void givesTheIdsOfTheOriginal() throws IOException {
    Tokenizer tokenizer = Tokenizer.open(GPT1, List.of(), Preprocessing.ORIGINAL);
    List<String> misses = new ArrayList<>();
    for (JsonObject c : cases()) {
      String text = c.required("text").asString();
      int[] actual = tokenizer.encode(text);
      if (!Arrays.stream(actual).boxed().toList().equals(ids(c.required("ids_original")))) {
        misses.add(text);
      }
    }
    assertThat(misses).isEmpty();
  }

  /** Texts that need no repair get the ids of the release without its repair library. */
  @Test
  void standardizedTextHasTheIdsWithoutRepair() throws IOException {
    Tokenizer tokenizer = Tokenizer.open(GPT1, List.of(), Preprocessing.ORIGINAL);
    for (JsonObject c : cases()) {
      JsonValue plain = c.required("ids_without_ftfy");
      JsonValue expected = plain.isString() ? c.required("ids_original") : plain;
      List<Integer> actual = new ArrayList<>();
      for (String token :
          EnglishSplit.tokens(OriginalStandard.apply(c.required("text").asString()))) {
        for (int id : encodeToken(tokenizer, token)) {
          actual.add(id);
        }
      }
      assertThat(actual).as(c.required("text").asString()).isEqualTo(ids(expected));
    }
  }

  private static int[] encodeToken(Tokenizer tokenizer, String token) {
    return ((BpeTokenizer) tokenizer).encodeWord(OriginalSplit.word(token));
  }

  @Test
  void takesUnpairedSurrogatesForReplacementCharacters() throws IOException {
    Tokenizer tokenizer = Tokenizer.open(GPT1, List.of(), Preprocessing.ORIGINAL);
    assertThat(tokenizer.encode("a\ud83db")).isEqualTo(tokenizer.encode("a\ufffdb"));
    assertThat(tokenizer.encode("\ude00\ud83d")).isEqualTo(tokenizer.encode("\ufffd\ufffd"));
    assertThat(tokenizer.encode("ok \ud83d\ude00")).isEqualTo(tokenizer.encode("ok 😀"));
  }

  @Test
  void doesNotApplyToByteLevelTokenizers() {
    Path gpt2 = Path.of("src/test/resources/tokenizers/gpt2");
    assertThatThrownBy(() -> Tokenizer.open(gpt2, List.of(), Preprocessing.ORIGINAL))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("to which the original pre-processing of GPT-1 does not apply");
  }

  @Test
  void staysNearLinear() throws IOException {
    Tokenizer tokenizer = Tokenizer.open(GPT1, List.of(), Preprocessing.ORIGINAL);
    for (String unit : List.of("'", ".", ")", "a.", "a'", "$", "a:", "@", "1.", "..a", "&amp;")) {
      assertThat(tokenizer.encode(unit.repeat(20_000))).isNotEmpty();
    }
  }
}
