package dev.lanewise.internal.tokenizer;

import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.MalformedCheckpointException;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a vocabulary with its list of merges, and what the files beside them say about special
 * tokens. The scheme is seen in the vocabulary: byte-level as GPT-2's, or with GPT-1's end-of-word
 * suffix; the stages around it are those of the reference for that scheme. No template is known.
 */
final class VocabularyFiles {

  private static final String SUFFIX = "</w>";
  private static final String END_OF_TEXT = "<|endoftext|>";
  private static final String UNKNOWN = "<unk>";

  /** The reference's order, in which tokens that have no id yet get theirs. */
  private static final List<String> NAMED =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private VocabularyFiles() {}

  /**
   * The tokenizer of two files.
   *
   * @param specials tokens that are special beside those that the folder's files name
   */
  static Tokenizer read(
      Path vocabularyFile, Path mergesFile, List<String> specials, Preprocessing preprocessing)
      throws IOException {
    JsonObject vocabulary = Json.read(vocabularyFile).asObject();
    MergesFile merges = MergesFile.read(mergesFile);
    BpeFactory factory = new BpeFactory(vocabulary);
    Path folder = vocabularyFile.toAbsolutePath().getParent();
    @Nullable JsonObject config = optional(folder, "tokenizer_config.json");
    if (isByteLevel(vocabulary)) {
      boolean prefixSpace = config != null && config.bool("add_prefix_space", false);
      factory.preTokenizer = new ByteLevelSplit(prefixSpace, true);
      factory.requireNoPreprocessing(preprocessing);
    } else {
      factory.suffix = SUFFIX;
      factory.decodedSuffix = SUFFIX;
      if (preprocessing == Preprocessing.ORIGINAL) {
        factory.preTokenizer = new OriginalSplit();
      } else {
        factory.normalizer = new BertNormalizer(true, true, true, true);
        factory.preTokenizer = new BertSplit();
      }
      JsonValue named = config == null ? null : config.find("unk_token").orElse(null);
      factory.unknownId = factory.find(named == null ? UNKNOWN : content(named));
    }
    addTokens(folder, config, factory);
    Set<String> all = new LinkedHashSet<>();
    String usual = factory.suffix.isEmpty() ? END_OF_TEXT : UNKNOWN;
    if (vocabulary.has(usual)) {
      all.add(usual);
    }
    addNamed(config, all);
    addNamed(optional(folder, "special_tokens_map.json"), all);
    all.addAll(specials);
    for (String special : all) {
      factory.addSpecial(special);
    }
    return factory.create(merges.merges(), merges::error);
  }

  /** All 256 bytes are there as pieces, or there is no suffix but a space that is a letter. */
  private static boolean isByteLevel(JsonObject vocabulary) throws IOException {
    boolean allBytes = true;
    for (int b = 0; b < 256 && allBytes; b++) {
      allBytes = vocabulary.has(String.valueOf(ByteAlphabet.charOf(b)));
    }
    if (allBytes) {
      return true;
    }
    for (String piece : vocabulary.members().keySet()) {
      if (piece.endsWith(SUFFIX)) {
        return false;
      }
    }
    if (vocabulary.has(String.valueOf(ByteAlphabet.charOf(' ')))) {
      return true;
    }
    throw new UnsupportedCheckpointException(
        vocabulary.source()
            + ": the vocabulary is neither byte-level (its pieces are not spelled in the byte"
            + " alphabet) nor does a piece end with '</w>'; supported are these two kinds of BPE");
  }

  private static @Nullable JsonObject optional(@Nullable Path folder, String name)
      throws IOException {
    if (folder == null || !Files.exists(folder.resolve(name))) {
      return null;
    }
    return Json.read(folder.resolve(name)).asObject();
  }

  /** Tokens to which the files give an id. */
  private static void addTokens(
      @Nullable Path folder, @Nullable JsonObject config, BpeFactory factory) throws IOException {
    JsonValue decoder = config == null ? null : config.find("added_tokens_decoder").orElse(null);
    if (decoder != null) {
      for (Map.Entry<String, JsonValue> token : decoder.asObject().members().entrySet()) {
        JsonValue place = token.getValue();
        factory.add(TokenizerJson.addedToken(place.asObject(), id(token.getKey(), place)), place);
      }
      return;
    }
    JsonObject added = optional(folder, "added_tokens.json");
    if (added != null) {
      for (Map.Entry<String, JsonValue> token : added.members().entrySet()) {
        JsonValue id = token.getValue();
        factory.add(
            new AddedToken(id.asInt(), token.getKey(), false, false, false, true, false), id);
      }
    }
  }

  private static int id(String text, JsonValue place) throws MalformedCheckpointException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw place.invalid("is not named by an id");
    }
  }

  private static void addNamed(@Nullable JsonObject config, Set<String> names) throws IOException {
    if (config == null) {
      return;
    }
    for (String key : NAMED) {
      JsonValue token = config.find(key).orElse(null);
      if (token != null) {
        names.add(content(token));
      }
    }
    for (String key : List.of("additional_special_tokens", "extra_special_tokens")) {
      JsonValue tokens = config.find(key).orElse(null);
      if (tokens == null) {
        continue;
      }
      List<JsonValue> values =
          tokens.isObject()
              ? new ArrayList<>(tokens.asObject().members().values())
              : tokens.asArray().elements();
      for (JsonValue token : values) {
        names.add(content(token));
      }
    }
  }

  /** A token is written as its text, or as an object with flags. */
  private static String content(JsonValue token) throws MalformedCheckpointException {
    String content =
        token.isObject() ? token.asObject().required("content").asString() : token.asString();
    if (content.isEmpty()) {
      throw token.expected("a token");
    }
    return content;
  }
}
