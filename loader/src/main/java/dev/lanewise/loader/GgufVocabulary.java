package dev.lanewise.loader;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer in a GGUF file's metadata: GPT-2's byte-level BPE.
 *
 * @param source what errors call the file
 * @param pieces id by piece, tokens that are found in the text itself apart
 * @param added those tokens, in the order of their ids
 * @param merges two pieces with a space between, in the order of their ranks
 * @param bos id that begins a text where {@code addBos} says so
 * @param eos id that ends a text where {@code addEos} says so
 * @param addBos whether every text begins with {@code bos}
 * @param addEos whether every text ends with {@code eos}
 */
public record GgufVocabulary(
    String source,
    JsonObject pieces,
    List<Added> added,
    List<String> merges,
    OptionalInt bos,
    OptionalInt eos,
    boolean addBos,
    boolean addEos) {

  /** Key of the pieces. */
  static final String TOKENS = "tokenizer.ggml.tokens";

  private static final String MODEL = "tokenizer.ggml.model";
  private static final String PRE = "tokenizer.ggml.pre";
  private static final String TYPES = "tokenizer.ggml.token_type";
  private static final String MERGES = "tokenizer.ggml.merges";
  private static final String BOS = "tokenizer.ggml.bos_token_id";
  private static final String EOS = "tokenizer.ggml.eos_token_id";
  private static final int MAX_TOKENS = 1 << 21;
  private static final int MAX_MERGES = 1 << 22;

  /** llama.cpp's types of tokens. */
  private static final int CONTROL = 3;

  private static final int USER_DEFINED = 4;
  private static final int LAST_TYPE = 6;

  /**
   * A token that is found in the text itself.
   *
   * @param special whether it is a control token
   */
  public record Added(int id, String content, boolean special) {}

  /** Copies the lists. */
  public GgufVocabulary {
    added = List.copyOf(added);
    merges = List.copyOf(merges);
  }

  /**
   * Reads the tokenizer of a model.
   *
   * @param path a file or folder
   * @return empty if the weights there are no GGUF file, or one without a tokenizer
   * @throws MalformedCheckpointException if the file is broken
   * @throws UnsupportedCheckpointException if its tokenizer is of another kind
   */
  public static Optional<GgufVocabulary> read(Path path) throws IOException {
    Optional<Path> file = CheckpointFiles.gguf(path);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    GgufMetadata metadata = GgufShards.of(file.get()).metadata();
    String model = metadata.string(MODEL, "none");
    if (model.equals("none") || model.equals("no_vocab")) {
      return Optional.empty();
    }
    return Optional.of(read(metadata, model));
  }

  private static GgufVocabulary read(GgufMetadata metadata, String model) throws IOException {
    String source = String.valueOf(metadata.file().getFileName());
    requireKind(source, MODEL, model);
    // Files of 2023 have no such key; their vocabulary came with GPT-2's pattern.
    requireKind(source, PRE, metadata.string(PRE, "gpt-2"));
    String[] tokens = metadata.strings(TOKENS, MAX_TOKENS);
    int[] types = metadata.has(TYPES) ? metadata.integers(TYPES, MAX_TOKENS) : new int[0];
    if (metadata.has(TYPES) && types.length != tokens.length) {
      throw metadata.invalid(
          TYPES, "has " + types.length + " elements, but there are " + tokens.length + " tokens");
    }
    JsonObject pieces = new JsonObject(source);
    List<Added> added = new ArrayList<>();
    for (int id = 0; id < tokens.length; id++) {
      int type = types.length == 0 ? 1 : types[id];
      if (type < 0 || type > LAST_TYPE) {
        throw metadata.invalid(
            TYPES, "has type " + type + " for token " + id + ", expected 0 to " + LAST_TYPE);
      }
      if (type == CONTROL || type == USER_DEFINED) {
        added.add(new Added(id, tokens[id], type == CONTROL));
      } else if (!pieces.add(tokens[id], new JsonValue.Scalar.Whole(pieces, id))) {
        throw metadata.invalid(TOKENS, "has the token " + Quoted.of(tokens[id]) + " twice");
      }
    }
    return new GgufVocabulary(
        source,
        pieces,
        added,
        List.of(metadata.strings(MERGES, MAX_MERGES)),
        id(metadata, BOS, tokens.length),
        id(metadata, EOS, tokens.length),
        metadata.bool("tokenizer.ggml.add_bos_token", false),
        metadata.bool("tokenizer.ggml.add_eos_token", false));
  }

  private static void requireKind(String source, String key, String value) throws IOException {
    String supported = key.equals(MODEL) ? "gpt2" : "gpt-2";
    if (!value.equals(supported)) {
      throw new UnsupportedCheckpointException(
          source + ": " + Quoted.of(key) + " is " + Quoted.of(value) + "; supported: " + supported);
    }
  }

  private static OptionalInt id(GgufMetadata metadata, String key, int count) throws IOException {
    return metadata.has(key)
        ? OptionalInt.of((int) metadata.requiredInteger(key, 0, count - 1L))
        : OptionalInt.empty();
  }

  /** The error about the merge of a rank. */
  public MalformedCheckpointException mergeError(int rank, String sentence) {
    return new MalformedCheckpointException(
        source + ": metadata '" + MERGES + "': number " + rank + " " + sentence);
  }
}
