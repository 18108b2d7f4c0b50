package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Tokenizer;
import dev.lanewise.loader.MalformedCheckpointException;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One rule, one broken file, one error of one sentence. */
class BrokenFilesTest {

  /** A complete small tokenizer; tests replace one part. */
  private static final String DOCUMENT =
      """
      {"added_tokens": [{"id": 5, "content": "<s>", "special": true}],
       "normalizer": null,
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": null,
       "decoder": {"type": "BPEDecoder", "suffix": "</w>"},
       "model": {"type": "BPE", "dropout": null, "unk_token": "?", "end_of_word_suffix": "</w>",
        "continuing_subword_prefix": null, "byte_fallback": false, "ignore_merges": false,
        "vocab": {"?": 0, "a": 1, "b": 2, "b</w>": 3, "ab</w>": 4}, "merges": ["a b</w>"]}}
      """;

  @TempDir Path folder;

  private Tokenizer openWith(String part, String replacement) throws IOException {
    assertThat(DOCUMENT).contains(part);
    Files.writeString(folder.resolve("tokenizer.json"), DOCUMENT.replace(part, replacement));
    return Tokenizer.open(folder);
  }

  @Test
  void theDocumentItselfIsSound() throws IOException {
    Tokenizer tokenizer = openWith("null", "null");
    assertThat(tokenizer.encode("ab b ba")).containsExactly(4, 3, 2, 0);
    assertThat(tokenizer.vocabSize()).isEqualTo(6);
    assertThat(tokenizer.toString()).isEqualTo("BPE with end-of-word suffix, 6 ids");
  }

  @Test
  void aMissingDecoderIsThatOfTheScheme() throws IOException {
    Tokenizer tokenizer = openWith("{\"type\": \"BPEDecoder\", \"suffix\": \"</w>\"}", "null");
    assertThat(tokenizer.decode(new int[] {4, 3}, false)).isEqualTo("ab b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          "a b</w>" ~ "a x"         ~ 'model.merges[0]' merges a piece that the vocabulary does not have
          "a b</w>" ~ "b b"         ~ 'model.merges[0]' makes a piece that the vocabulary does not have
          "a b</w>" ~ "ab</w>"      ~ expected two pieces with a space between
          "a b</w>" ~ "a b c"       ~ expected two pieces with a space between
          "a b</w>" ~ ["a"]         ~ 'model.merges[0]' has 1 elements, expected two pieces
          "a b</w>" ~ 7             ~ 'model.merges[0]' is the number 7, expected an array
          "a": 1    ~ "a": 2        ~ 'model.vocab.b' has the id 2 of another token
          "a": 1    ~ "a": 999      ~ 'model.vocab.a' has an id 999, expected 0 to 268
          "a": 1    ~ "a": -1       ~ 'model.vocab.a' has an id -1, expected 0 to 5
          "a": 1    ~ "a": 1.5      ~ expected an integer
          "a": 1    ~ "a": 4294967297 ~ expected an integer of 32 bits
          "a": 1    ~ "a": 1, "a": 1  ~ duplicate key 'a'
          "id": 5   ~ "id": 777     ~ has an id 777, expected 0 to 268
          "id": 5   ~ "id": 4       ~ has the id 4 of another token
          "content": "<s>" ~ "content": "a" ~ 'added_tokens[0]' gives id 5 to a token that the vocabulary gives 1
          "content": "<s>" ~ "content": ""  ~ 'added_tokens[0]' is an added token without content
          "unk_token": "?" ~ "unk_token": "!" ~ 'model.unk_token' is no piece of the vocabulary
          "vocab"   ~ "vocabulary"  ~ 'model' has no key 'vocab'
          "merges"  ~ "merge"       ~ 'model' has no key 'merges'
          "model"   ~ "modle"       ~ has no key 'model'
          "special": true ~ "special": 1 ~ expected true or false
          """)
  void brokenDocumentsAreMalformed(String part, String replacement, String message) {
    assertThatThrownBy(() -> openWith(part, replacement))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("tokenizer.json")
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          "type": "BPE"        ~ "type": "WordPiece" ~ 'model.type' asks for a model of type 'WordPiece'
          "dropout": null      ~ "dropout": 0.1      ~ 'model.dropout'
          "byte_fallback": false ~ "byte_fallback": true ~ 'model.byte_fallback'
          "ignore_merges": false ~ "ignore_merges": true ~ 'model.ignore_merges'
          "continuing_subword_prefix": null ~ "continuing_subword_prefix": "##" ~ 'model.continuing_subword_prefix'
          "end_of_word_suffix": "</w>" ~ "end_of_word_suffix": null ~ neither byte-level
          {"type": "BertPreTokenizer"} ~ {"type": "ByteLevel"} ~ 'model.end_of_word_suffix' asks for a suffix with a ByteLevel pre-tokenizer
          {"type": "BertPreTokenizer"} ~ {"type": "Metaspace"} ~ 'pre_tokenizer' asks for a pre-tokenizer of type 'Metaspace'
          {"type": "BertPreTokenizer"} ~ {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Whitespace"}]} ~ another pre-tokenizer after ByteLevel
          "normalizer": null   ~ "normalizer": {"type": "Precompiled"} ~ 'normalizer' asks for a normalizer of type 'Precompiled'
          "post_processor": null ~ "post_processor": {"type": "RobertaProcessing"} ~ 'post_processor' asks for a post-processor of type 'RobertaProcessing'
          "BPEDecoder"         ~ "Metaspace"         ~ 'decoder' asks for a decoder of type 'Metaspace'
          """)
  void otherKindsAreUnsupportedByName(String part, String replacement, String message) {
    assertThatThrownBy(() -> openWith(part, replacement))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageStartingWith("tokenizer.json: ")
        .hasMessageContaining(message)
        .hasMessageContaining("supported");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          [99]  ~ A ~ expected an id below 6
          [-1]  ~ A ~ expected an id below 6
          [5]   ~ C ~ expected a sequence with id A
          [5]   ~ B ~ expected a sequence with id A
          """)
  void brokenTemplatesAreMalformed(String ids, String sequence, String message) {
    String template =
        """
        "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "s", "type_id": 0}}, {"Sequence": {"id": "%s"}}],
         "pair": [], "special_tokens": {"s": {"id": "s", "ids": %s, "tokens": ["<s>"]}}}\
        """
            .formatted(sequence, ids);
    assertThatThrownBy(() -> openWith("\"post_processor\": null", template))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining(message);
  }

  @Test
  void repeatedAddedTokensAreMalformed() {
    assertThatThrownBy(
            () ->
                openWith(
                    "\"special\": true}]",
                    "\"special\": true}, {\"id\": 5, \"content\": \"<s>\"}]"))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("'added_tokens[1]' repeats an added token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          a b</w>|a x       ~ merges.txt: line 2 merges a piece that the vocabulary does not have
          #version: 0.2|b b ~ merges.txt: line 2 makes a piece that the vocabulary does not have
          #version: 0.2|a b</w>|ab ~ merges.txt: line 3 is not two pieces with a space between
          a b</w>||a b</w>  ~ merges.txt: line 2 is not two pieces with a space between
          a  b</w>          ~ merges.txt: line 1 is not two pieces with a space between
          <!DOCTYPE html>|  ~ merges.txt: line 1 merges a piece
          """)
  void brokenMergeLinesAreNamed(String merges, String message) throws IOException {
    Files.writeString(
        folder.resolve("vocab.json"), "{\"a\": 0, \"b\": 1, \"b</w>\": 2, \"ab</w>\": 3}");
    Files.writeString(folder.resolve("merges.txt"), merges.replace('|', '\n'));
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void mergesInAnotherCharsetAreMalformed() throws IOException {
    Files.writeString(folder.resolve("vocab.json"), "{\"é</w>\": 0}");
    Files.writeString(folder.resolve("merges.txt"), "é é", StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("merges.txt: is not UTF-8 text");
  }

  @Test
  void vocabularyOfNeitherSchemeIsUnsupported() throws IOException {
    Files.writeString(folder.resolve("vocab.json"), "{\"[UNK]\": 0, \"##a\": 1}");
    Files.writeString(folder.resolve("merges.txt"), "");
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("neither byte-level")
        .hasMessageContaining("'</w>'");
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(
            "expected tokenizer.json, vocab.json with merges.txt, or a GGUF file");
    assertThatThrownBy(() -> Tokenizer.open(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no such file or folder");
    Files.writeString(folder.resolve("vocab.json"), "{}");
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("merges.txt")
        .hasMessageContaining("vocab.json needs it");
    // A file stands for its folder.
    assertThatThrownBy(() -> Tokenizer.open(folder.resolve("vocab.json")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("vocab.json needs it");
  }

  @Test
  void emptyVocabularyIsMalformed() {
    assertThatThrownBy(
            () -> openWith("{\"?\": 0, \"a\": 1, \"b\": 2, \"b</w>\": 3, \"ab</w>\": 4}", "{}"))
        .isInstanceOf(MalformedCheckpointException.class);
  }

  /** Whatever is wrong with a file, opening it ends in an IOException or in a tokenizer. */
  @Test
  void changedBytesNeverBreakTheReader() throws IOException {
    Random random = new Random(1729);
    byte[] sound = DOCUMENT.getBytes(StandardCharsets.UTF_8);
    int opened = 0;
    int refused = 0;
    for (int round = 0; round < 1_000; round++) {
      byte[] bytes = sound.clone();
      for (int change = 0; change <= random.nextInt(3); change++) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            random.nextBoolean() ? bytes[random.nextInt(bytes.length)] : (byte) random.nextInt();
      }
      Files.write(folder.resolve("tokenizer.json"), bytes);
      try {
        Tokenizer tokenizer = Tokenizer.open(folder);
        tokenizer.decode(tokenizer.encode("ab ba <s> é"), true);
        opened++;
      } catch (IOException e) {
        assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
        refused++;
      }
    }
    assertThat(opened).isPositive();
    assertThat(refused).isPositive();
  }
}
