package dev.lanewise.bench.model;

import dev.lanewise.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Seeded text with the statistics that matter to a tokenizer: words drawn by Zipf's law, so that
 * few are frequent and many rare, one in eight unknown to the vocabulary, punctuation, numbers.
 */
public final class SampleText {

  private final Tokenizer tokenizer;
  private final List<String> words;

  /** Takes its words from a tokenizer's vocabulary, which is ordered by frequency. */
  public SampleText(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    List<String> found = new ArrayList<>();
    for (int id = 0; id < tokenizer.vocabSize(); id++) {
      String piece = tokenizer.decode(new int[] {id}, true).strip();
      if (piece.length() >= 2 && piece.matches("[a-z]+")) {
        found.add(piece);
      }
    }
    this.words = List.copyOf(found);
  }

  /** A text of {@code length} characters or a few more. */
  public String ofLength(long seed, int length) {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(text.isEmpty() ? "" : " ").append(next(random));
    }
    return text.toString();
  }

  /**
   * A text of exactly {@code tokens} tokens.
   *
   * @throws IllegalStateException if none was found
   */
  public String ofTokens(long seed, int tokens) {
    for (int attempt = 0; attempt < 1000; attempt++) {
      SplittableRandom random = new SplittableRandom(seed + attempt);
      StringBuilder text = new StringBuilder();
      int count = 0;
      while (count < tokens) {
        text.append(text.isEmpty() ? "" : " ").append(next(random));
        count = tokenizer.encode(text, Tokenizer.Specials.TEXT, false).length;
      }
      if (count == tokens) {
        return text.toString();
      }
    }
    throw new IllegalStateException("found no text of " + tokens + " tokens");
  }

  private String next(SplittableRandom random) {
    String word = word(random);
    return switch (random.nextInt(16)) {
      case 0, 1 -> word + word(random);
      case 2 -> word + ",";
      case 3 -> word + ".";
      case 4 -> String.valueOf(random.nextInt(10_000));
      default -> word;
    };
  }

  /** Rank r with probability proportional to 1 / r. */
  private String word(SplittableRandom random) {
    int rank = (int) Math.exp(random.nextDouble() * Math.log(words.size()));
    return words.get(Math.min(rank, words.size()) - 1);
  }
}
