package dev.lanewise.internal.tokenizer;

import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.MalformedCheckpointException;
import dev.lanewise.loader.Quoted;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code tokenizer.json}: model, added tokens, and the stages around them. Every setting is
 * obeyed or refused by name; truncation and padding are left to the caller, as the reference
 * library does.
 */
final class TokenizerJson {

  private TokenizerJson() {}

  /**
   * The tokenizer of a document.
   *
   * @param specials tokens that are special beside those of the document
   */
  static Tokenizer read(JsonObject root, List<String> specials, Preprocessing preprocessing)
      throws IOException {
    JsonObject model = root.required("model").asObject();
    checkModel(model);
    BpeFactory factory = new BpeFactory(model.required("vocab").asObject());
    factory.suffix = model.string("end_of_word_suffix", "");
    factory.fuseUnknown = model.bool("fuse_unk", false);
    factory.preferWhole = model.bool("ignore_merges", false);
    stages(root, model, factory);
    if (factory.suffix.isEmpty()) {
      factory.requireNoPreprocessing(preprocessing);
    } else if (preprocessing == Preprocessing.ORIGINAL) {
      factory.normalizer = null;
      factory.preTokenizer = new OriginalSplit();
    }
    unknown(model, factory);
    for (JsonValue token : list(root, "added_tokens")) {
      factory.add(addedToken(token.asObject()), token);
    }
    for (String special : specials) {
      factory.addSpecial(special);
    }
    Templates.read(root, factory);
    JsonArray merges = model.required("merges").asArray();
    return factory.create(merges(merges), (rank, sentence) -> mergeError(merges, rank, sentence));
  }

  private static void checkModel(JsonObject model) throws IOException {
    String type = model.string("type", "BPE");
    if (!type.equals("BPE")) {
      throw unsupported(model.required("type"), "a model of type " + Quoted.of(type), "BPE");
    }
    JsonValue dropout = model.find("dropout").orElse(null);
    if (dropout != null && dropout.asDouble() != 0) {
      throw unsupported(dropout, "dropout of merges", "null");
    }
    if (model.bool("byte_fallback", false)) {
      throw unsupported(model.required("byte_fallback"), "falling back to bytes", "false");
    }
    if (!model.string("continuing_subword_prefix", "").isEmpty()) {
      throw unsupported(
          model.required("continuing_subword_prefix"), "a prefix of inner pieces", "null");
    }
  }

  private static void stages(JsonObject root, JsonObject model, BpeFactory factory)
      throws IOException {
    factory.normalizer = Stages.normalizer(root.find("normalizer").orElse(null));
    PreTokenizer split = Stages.preTokenizer(root.find("pre_tokenizer").orElse(null));
    boolean byteLevel = Stages.isByteLevel(split);
    if (byteLevel != factory.suffix.isEmpty()) {
      if (byteLevel) {
        throw unsupported(
            model.required("end_of_word_suffix"),
            "a suffix with a ByteLevel pre-tokenizer",
            "null");
      }
      throw new UnsupportedCheckpointException(
          root.source()
              + ": the tokenizer is neither byte-level ('pre_tokenizer' of type ByteLevel) nor has"
              + " it an end-of-word suffix ('model.end_of_word_suffix'), one of which is"
              + " supported");
    }
    if (factory.preferWhole && !byteLevel) {
      throw unsupported(
          model.required("ignore_merges"), "whole words with an end-of-word suffix", "false");
    }
    factory.preTokenizer = split;
    factory.decodedSuffix =
        Stages.decodedSuffix(root.find("decoder").orElse(null), byteLevel, factory.suffix);
  }

  private static void unknown(JsonObject model, BpeFactory factory)
      throws MalformedCheckpointException {
    JsonValue token = model.find("unk_token").orElse(null);
    if (token != null) {
      factory.unknownId = factory.find(token.asString());
      if (factory.unknownId < 0) {
        throw token.invalid("is no piece of the vocabulary");
      }
    }
  }

  /** An object of {@code added_tokens}, whose id is a member. */
  private static AddedToken addedToken(JsonObject token) throws MalformedCheckpointException {
    return addedToken(token, token.required("id").asInt());
  }

  /** A token's content and flags. */
  static AddedToken addedToken(JsonObject token, int id) throws MalformedCheckpointException {
    boolean special = token.bool("special", false);
    return new AddedToken(
        id,
        token.required("content").asString(),
        token.bool("single_word", false),
        token.bool("lstrip", false),
        token.bool("rstrip", false),
        token.bool("normalized", !special),
        special);
  }

  private static List<BpeFactory.Merge> merges(JsonArray array)
      throws MalformedCheckpointException {
    List<BpeFactory.Merge> merges = new ArrayList<>(array.size());
    for (JsonValue merge : array.elements()) {
      if (merge.isString()) {
        String line = merge.asString();
        int space = line.indexOf(' ');
        if (space < 1 || space != line.lastIndexOf(' ') || space == line.length() - 1) {
          throw merge.expected("two pieces with a space between");
        }
        merges.add(new BpeFactory.Merge(line.substring(0, space), line.substring(space + 1)));
      } else {
        JsonArray pair = merge.asArray();
        if (pair.size() != 2) {
          throw merge.invalid("has " + pair.size() + " elements, expected two pieces");
        }
        merges.add(new BpeFactory.Merge(pair.get(0).asString(), pair.get(1).asString()));
      }
    }
    return merges;
  }

  private static MalformedCheckpointException mergeError(
      JsonArray merges, int rank, String sentence) {
    return rank < merges.size()
        ? merges.get(rank).invalid(sentence)
        : merges.invalid("has " + merges.size() + " merges: number " + rank + " " + sentence);
  }

  /** The elements of a list that may be missing. */
  static List<JsonValue> list(JsonObject parent, String name) throws MalformedCheckpointException {
    JsonValue value = parent.find(name).orElse(null);
    return value == null ? List.of() : value.asArray().elements();
  }

  /** "tokenizer.json: 'model.dropout' asks for WHAT, which is not supported, only SUPPORTED". */
  static UnsupportedCheckpointException unsupported(
      @Nullable JsonValue value, String what, String supported) {
    String place = value == null ? "" : value.source() + ": '" + value.path() + "' asks for ";
    return new UnsupportedCheckpointException(
        place + what + ", which is not supported; supported is " + supported);
  }
}
