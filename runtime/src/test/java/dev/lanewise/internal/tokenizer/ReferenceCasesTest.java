package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published vocabularies against the ids of the reference library, in every form of files. */
class ReferenceCasesTest {

  private static final String[] GPT1_FILES = {"encoder_bpe_40000.json", "vocab_40000.bpe"};

  @TempDir Path temp;

  @Test
  void gpt2IdsFromTokenizerJson() throws IOException {
    assertGpt2(TokenizerFixture.open("tokenizers/gpt2"));
  }

  @Test
  void gpt2IdsFromVocabularyAndMerges() throws IOException {
    assertGpt2(
        Tokenizer.open(
            TokenizerFixture.folder(temp, "tokenizers/gpt2", "vocab.json", "merges.txt")));
  }

  @Test
  void gpt2IdsFromTheOriginalNames() throws IOException {
    assertGpt2(
        Tokenizer.open(
            TokenizerFixture.folder(
                temp, "tokenizers/gpt2", "vocab.json=encoder.json", "merges.txt=vocab.bpe")));
  }

  @Test
  void gpt1IdsFromTokenizerJson() throws IOException {
    assertGpt1(TokenizerFixture.open("tokenizers/gpt1"));
  }

  @Test
  void gpt1IdsFromTheOriginalNames() throws IOException {
    assertGpt1(Tokenizer.open(TokenizerFixture.folder(temp, "tokenizers/gpt1", GPT1_FILES)));
  }

  @Test
  void gpt1IdsFromVocabularyAndMerges() throws IOException {
    assertGpt1(
        Tokenizer.open(
            TokenizerFixture.folder(
                temp,
                "tokenizers/gpt1",
                GPT1_FILES[0] + "=vocab.json",
                GPT1_FILES[1] + "=merges.txt")));
  }

  private static void assertGpt2(Tokenizer tokenizer) throws IOException {
    assertThat(tokenizer.kind()).isEqualTo("byte-level BPE");
    assertThat(tokenizer.vocabSize()).isEqualTo(50257);
    JsonObject file = TokenizerFixture.json("tokenizers/gpt2/cases.json");
    int cases = 0;
    for (JsonValue value : file.required("cases").asArray()) {
      JsonObject each = value.asObject();
      String text = each.required("text").asString();
      int[] ids = TokenizerFixture.ints(each.required("ids"));
      assertThat(tokenizer.encode(text, Specials.PARSE, true)).as(text).isEqualTo(ids);
      int[] asText =
          each.has("ids_specials_as_text")
              ? TokenizerFixture.ints(each.required("ids_specials_as_text"))
              : ids;
      assertThat(tokenizer.encode(text)).as(text).isEqualTo(asText);
      TokenizerFixture.assertDecodes(tokenizer, ids, text);
      TokenizerFixture.assertDecodes(tokenizer, asText, text);
      cases++;
    }
    for (JsonValue value : file.required("decode_cases").asArray()) {
      JsonObject each = value.asObject();
      TokenizerFixture.assertDecodes(
          tokenizer,
          TokenizerFixture.ints(each.required("ids")),
          each.required("decoded").asString());
      cases++;
    }
    assertThat(cases).isEqualTo(688);
  }

  private static void assertGpt1(Tokenizer tokenizer) throws IOException {
    assertThat(tokenizer.kind()).isEqualTo("BPE with end-of-word suffix");
    assertThat(tokenizer.vocabSize()).isEqualTo(40478);
    JsonObject file = TokenizerFixture.json("tokenizers/gpt1/cases.json");
    int cases = 0;
    for (JsonValue value : file.required("cases").asArray()) {
      JsonObject each = value.asObject();
      String text = each.required("text").asString();
      JsonValue expected = each.required("ids_hf");
      if (!expected.isNull()) {
        int[] ids = TokenizerFixture.ints(expected);
        assertThat(tokenizer.encode(text, Specials.PARSE, true)).as(text).isEqualTo(ids);
        for (int i = 0; i < ids.length; i++) {
          String piece = each.required("hf_pieces").asArray().get(i).asString();
          assertThat(tokenizer.token(ids[i])).isEqualTo(piece);
          assertThat(tokenizer.id(piece)).hasValue(ids[i]);
        }
        cases++;
      }
      TokenizerFixture.assertDecodes(
          tokenizer,
          TokenizerFixture.ints(each.required("ids_original")),
          each.required("decoded_hf").asString());
    }
    assertThat(cases).isEqualTo(333);
  }
}
