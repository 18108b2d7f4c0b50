package dev.lanewise.internal.model;

import dev.lanewise.ClassifierOptions;
import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import dev.lanewise.loader.ClassifierConfig;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The tokens around and between texts.
 *
 * @param start before the first text
 * @param delimiter between two texts; empty if none is known
 * @param end after the last text
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record InputTemplate(int[] start, int[] delimiter, int[] end) {

  /** Learns the tokens of the tokenizer's template from an example. */
  static InputTemplate of(Tokenizer tokenizer) {
    int[] with = tokenizer.encode("a", Specials.TEXT, true);
    int[] without = tokenizer.encode("a", Specials.TEXT, false);
    int at = find(without, with, 0);
    int[] start = Arrays.copyOf(with, Math.max(0, at));
    int[] end = Arrays.copyOfRange(with, at + without.length, with.length);
    return new InputTemplate(start, delimiter(tokenizer, without, start.length), end);
  }

  private static int find(int[] part, int[] whole, int from) {
    int at = from;
    while (at + part.length < whole.length
        && !Arrays.equals(whole, at, at + part.length, part, 0, part.length)) {
      at++;
    }
    return at;
  }

  /** What a template for pairs has between "a" and "a". */
  private static int[] delimiter(Tokenizer tokenizer, int[] a, int start) {
    int[] pair;
    try {
      pair = tokenizer.encodePair("a", "a", Specials.TEXT);
    } catch (IllegalArgumentException e) {
      return new int[0];
    }
    int first = Math.min(pair.length, start + a.length);
    return Arrays.copyOfRange(pair, first, Math.max(first, find(a, pair, first)));
  }

  /** This template with the tokens that the options name, or else the config. */
  InputTemplate with(Tokenizer tokenizer, ClassifierOptions options, ClassifierConfig config) {
    return new InputTemplate(
        chosen(tokenizer, "start", options.startToken(), config.startToken(), start),
        chosen(
            tokenizer, "delimiter", options.delimiterToken(), config.delimiterToken(), delimiter),
        chosen(tokenizer, "extract", options.extractToken(), config.extractToken(), end));
  }

  private static int[] chosen(
      Tokenizer tokenizer,
      String role,
      @Nullable String option,
      @Nullable String config,
      int[] otherwise) {
    String token = option == null ? config : option;
    if (token == null) {
      return otherwise;
    }
    OptionalInt id = tokenizer.id(token);
    if (id.isEmpty() && token.matches("[0-9]{1,9}")) {
      id = OptionalInt.of(Integer.parseInt(token));
    }
    if (id.isEmpty() || id.getAsInt() >= tokenizer.vocabSize()) {
      throw new IllegalArgumentException(
          "the %s token '%s' is no token of the vocabulary, nor an id below %d"
              .formatted(role, token, tokenizer.vocabSize()));
    }
    return new int[] {id.getAsInt()};
  }
}
