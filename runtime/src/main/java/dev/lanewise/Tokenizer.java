package dev.lanewise;

import dev.lanewise.internal.tokenizer.TokenizerFolder;
import dev.lanewise.loader.MalformedCheckpointException;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Text to token ids and back. Immutable and thread-safe.
 *
 * <p>Sources: "Neural Machine Translation of Rare Words with Subword Units" (Sennrich et al. 2016)
 * for byte-pair encoding; the layout of {@code tokenizer.json}.
 */
public interface Tokenizer {

  /** What text that spells a special token ({@code <|endoftext|>}) becomes. */
  enum Specials {
    /** Ordinary text: nobody can write a control token into a prompt. */
    TEXT,
    /** The special token's id, as the reference library does. */
    PARSE
  }

  /**
   * Opens the tokenizer of a model folder or weight file: {@code tokenizer.json}, or {@code
   * vocab.json} with {@code merges.txt}, or that of a GGUF file, which goes first where that file
   * is named.
   *
   * @throws java.nio.file.NoSuchFileException if there is none of them
   * @throws MalformedCheckpointException if a file is broken
   * @throws UnsupportedCheckpointException if it describes a tokenizer of another kind
   */
  static Tokenizer open(Path path) throws IOException {
    return open(path, List.of());
  }

  /**
   * Opens the tokenizer of a model folder or weight file, with more special tokens than its files
   * name: those of a bare {@code vocab.json} with {@code merges.txt}, for example. One that has no
   * id yet gets the next.
   *
   * @throws java.nio.file.NoSuchFileException if there is no tokenizer
   * @throws MalformedCheckpointException if a file is broken
   * @throws UnsupportedCheckpointException if it describes a tokenizer of another kind
   */
  static Tokenizer open(Path path, List<String> specials) throws IOException {
    return open(path, specials, Preprocessing.AUTO);
  }

  /**
   * Opens the tokenizer of a model folder or weight file, with the pre-processing of GPT-1 that was
   * chosen.
   *
   * @throws java.nio.file.NoSuchFileException if there is no tokenizer
   * @throws MalformedCheckpointException if a file is broken
   * @throws UnsupportedCheckpointException if it describes a tokenizer of another kind, or the
   *     original pre-processing is asked for where it does not apply
   */
  static Tokenizer open(Path path, List<String> specials, Preprocessing preprocessing)
      throws IOException {
    return TokenizerFolder.open(path, specials, preprocessing);
  }

  /** Number of ids, added tokens included: every id is below. */
  int vocabSize();

  /**
   * Ids of {@code text} with the template's special tokens around it, where the tokenizer has a
   * template; spelled special tokens are text.
   *
   * @throws IllegalArgumentException if the text has an unpaired surrogate, more than 64 MiB, or a
   *     word of more than 4 MiB (as UTF-8)
   */
  default int[] encode(CharSequence text) {
    return encode(text, Specials.TEXT, true);
  }

  /**
   * Ids of {@code text}.
   *
   * @param template whether the template's special tokens are added
   * @throws IllegalArgumentException if the text has an unpaired surrogate, more than 64 MiB, or a
   *     word of more than 4 MiB (as UTF-8)
   */
  int[] encode(CharSequence text, Specials specials, boolean template);

  /**
   * Ids of a pair of texts, as the template joins them.
   *
   * @throws IllegalArgumentException if a text has an unpaired surrogate, or the tokenizer has no
   *     template for pairs
   */
  int[] encodePair(CharSequence first, CharSequence second, Specials specials);

  /**
   * Text of {@code ids}; bytes that are no UTF-8 become U+FFFD.
   *
   * @param skipSpecials whether special tokens are left out
   * @throws IllegalArgumentException if an id is out of range
   */
  String decode(int[] ids, boolean skipSpecials);

  /**
   * Takes out the spaces before {@code . ? ! ,} and contractions that GPT-1's tokens leave in
   * decoded text. An option for display, never done by {@link #decode}: it also changes text that
   * was written with such spaces.
   */
  static String cleanUpSpaces(String decoded) {
    return decoded
        .replace(" .", ".")
        .replace(" ?", "?")
        .replace(" !", "!")
        .replace(" ,", ",")
        .replace(" ' ", "'")
        .replace(" n't", "n't")
        .replace(" 'm", "'m")
        .replace(" 's", "'s")
        .replace(" 've", "'ve")
        .replace(" 're", "'re");
  }

  /** A decoder for ids that come one by one, which never emits half a character. */
  StreamDecoder streamDecoder(boolean skipSpecials);

  /**
   * A token's piece as the vocabulary spells it.
   *
   * @throws IllegalArgumentException if the id is out of range
   */
  String token(int id);

  /** The id of a piece as the vocabulary spells it, added tokens included. */
  OptionalInt id(String token);

  /** Whether an id is a special token. */
  boolean isSpecial(int id);

  /** "byte-level BPE", "BPE with end-of-word suffix". */
  String kind();

  /** Decodes ids one by one; the pieces joined equal {@link Tokenizer#decode} of all ids. */
  interface StreamDecoder {
    /** Text that is complete after {@code id}, possibly empty. */
    String next(int id);

    /** What is left at the end: U+FFFD where a character was cut, else empty. */
    String finish();
  }
}
