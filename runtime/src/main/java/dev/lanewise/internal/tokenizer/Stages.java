package dev.lanewise.internal.tokenizer;

import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.MalformedCheckpointException;
import dev.lanewise.loader.Quoted;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Normalizer, pre-tokenizer and decoder of a {@code tokenizer.json}, each with its settings. */
final class Stages {

  private Stages() {}

  /** The normalizer, or null for none. */
  static @Nullable TextNormalizer normalizer(@Nullable JsonValue value) throws IOException {
    if (value == null) {
      return null;
    }
    JsonObject stage = value.asObject();
    String type = type(stage);
    if (type.equals("Sequence")) {
      TextNormalizer all = null;
      for (JsonValue part : TokenizerJson.list(stage, "normalizers")) {
        TextNormalizer next = normalizer(part);
        if (next != null) {
          all = all == null ? next : new TextNormalizer.Chain(all, next);
        }
      }
      return all;
    }
    if (!type.equals("BertNormalizer")) {
      throw unsupported(stage, "a normalizer", type, "BertNormalizer, or a Sequence of it");
    }
    boolean lowercase = stage.bool("lowercase", true);
    return new BertNormalizer(
        stage.bool("clean_text", true),
        stage.bool("handle_chinese_chars", true),
        stage.bool("strip_accents", lowercase),
        lowercase);
  }

  /** The pre-tokenizer; without one a text is one word. */
  static PreTokenizer preTokenizer(@Nullable JsonValue value) throws IOException {
    if (value == null) {
      return new WholeText();
    }
    JsonObject stage = value.asObject();
    String type = type(stage);
    return switch (type) {
      case "ByteLevel" ->
          new ByteLevelSplit(stage.bool("add_prefix_space", true), stage.bool("use_regex", true));
      case "BertPreTokenizer" -> new BertSplit();
      case "Whitespace" -> new SpaceSplit(true);
      case "WhitespaceSplit" -> new SpaceSplit(false);
      case "Sequence" -> sequence(stage);
      default ->
          throw unsupported(
              stage,
              "a pre-tokenizer",
              type,
              "ByteLevel, BertPreTokenizer, Whitespace, WhitespaceSplit, or a Sequence of them");
    };
  }

  private static PreTokenizer sequence(JsonObject stage) throws IOException {
    PreTokenizer all = new WholeText();
    boolean empty = true;
    for (JsonValue part : TokenizerJson.list(stage, "pretokenizers")) {
      if (isByteLevel(all)) {
        throw TokenizerJson.unsupported(
            part, "another pre-tokenizer after ByteLevel", "ByteLevel at the end");
      }
      PreTokenizer next = preTokenizer(part);
      all = empty ? next : new PreTokenizer.Chain(all, next);
      empty = false;
    }
    return all;
  }

  /** Whether the words that come out are spelled in the byte alphabet. */
  static boolean isByteLevel(PreTokenizer split) {
    return split instanceof ByteLevelSplit
        || (split instanceof PreTokenizer.Chain chain && isByteLevel(chain.second()));
  }

  /** The suffix that decoding replaces by a space; a missing decoder is that of the scheme. */
  static String decodedSuffix(@Nullable JsonValue value, boolean byteLevel, String suffix)
      throws IOException {
    if (value == null) {
      return suffix;
    }
    JsonObject stage = value.asObject();
    String type = type(stage);
    if (type.equals("Sequence")) {
      List<JsonValue> parts = TokenizerJson.list(stage, "decoders");
      if (parts.size() == 1) {
        return decodedSuffix(parts.getFirst(), byteLevel, suffix);
      }
      throw TokenizerJson.unsupported(
          stage, parts.size() + " decoders in a row", "one, ByteLevel or BPEDecoder");
    }
    String expected = byteLevel ? "ByteLevel" : "BPEDecoder";
    if (!type.equals(expected)) {
      throw unsupported(stage, "a decoder", type, expected);
    }
    if (byteLevel) {
      return "";
    }
    String decoded = stage.string("suffix", "</w>");
    if (decoded.isEmpty()) {
      throw stage.required("suffix").expected("the end-of-word suffix");
    }
    return decoded;
  }

  private static String type(JsonObject stage) throws MalformedCheckpointException {
    return stage.required("type").asString();
  }

  private static IOException unsupported(
      JsonObject stage, String what, String type, String supported) {
    return TokenizerJson.unsupported(stage, what + " of type " + Quoted.of(type), supported);
  }
}
