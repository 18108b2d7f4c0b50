package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One small tokenizer for each flag of added tokens and each setting of a stage, against the
 * reference library. Covers known problem C14.
 */
class VariantsTest {

  private static final String FOLDER = "tokenizers/variants/";

  static List<String> tokenizers() throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonObject each : all()) {
      names.add(each.required("tokenizer").asString());
    }
    return names;
  }

  private static List<JsonObject> all() throws IOException {
    JsonObject file = TokenizerFixture.json(FOLDER + "cases.json");
    return file.required("tokenizers").asArray().elements().stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  private static JsonObject named(String name) throws IOException {
    for (JsonObject each : all()) {
      if (each.required("tokenizer").asString().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("no variant " + name);
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void encodesAndDecodesAsTheReference(String name) throws IOException {
    Tokenizer tokenizer = TokenizerFixture.open(FOLDER + name);
    for (JsonValue value : named(name).required("cases").asArray()) {
      JsonObject each = value.asObject();
      String text = each.required("text").asString();
      int[] ids = TokenizerFixture.ints(each.required("parse"));
      assertThat(tokenizer.encode(text, Specials.PARSE, true)).as(text).isEqualTo(ids);
      assertThat(tokenizer.encode(text, Specials.PARSE, false))
          .as(text)
          .isEqualTo(TokenizerFixture.ints(each.required("parse_without_template")));
      assertThat(tokenizer.encode(text))
          .as(text)
          .isEqualTo(TokenizerFixture.ints(each.required("as_text")));
      TokenizerFixture.assertDecodes(tokenizer, ids, each.required("decoded").asString());
      String withoutSpecials = each.required("decoded_without_specials").asString();
      assertThat(tokenizer.decode(ids, true)).isEqualTo(withoutSpecials);
      assertThat(TokenizerFixture.streamed(tokenizer, ids, true)).isEqualTo(withoutSpecials);
    }
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void joinsPairsAsTheReference(String name) throws IOException {
    Tokenizer tokenizer = TokenizerFixture.open(FOLDER + name);
    JsonObject variant = named(name);
    JsonValue pair = variant.find("pair").orElse(null);
    if (pair == null) {
      return;
    }
    List<JsonValue> cases = variant.required("cases").asArray().elements();
    String first = cases.get(0).asObject().required("text").asString();
    String second = cases.get(1).asObject().required("text").asString();
    assertThat(tokenizer.encodePair(first, second, Specials.PARSE))
        .isEqualTo(TokenizerFixture.ints(pair));
  }

  @Test
  void thereAreVariantsWithAndWithoutPairs() throws IOException {
    assertThat(all()).hasSize(37);
    assertThat(all().stream().filter(each -> each.find("pair").isPresent()).count())
        .isGreaterThan(30);
  }
}
