package dev.lanewise;

import java.util.OptionalLong;

/**
 * How to continue a text. Immutable.
 *
 * @param maxTokens new tokens at most, at least 0
 * @param temperature logits are divided by it; 0 takes the likeliest token always (greedy)
 * @param topK only the k likeliest tokens are drawn from; 0 for all, more than the vocabulary is
 *     all
 * @param seed of the random numbers; without one each generation draws its own and reports it
 * @param lookup tokens that are guessed and checked in one pass where the text repeats itself, 0
 *     for none: changes the time, never the text
 */
public record GenerationOptions(
    int maxTokens, double temperature, int topK, OptionalLong seed, int lookup) {

  /** Guesses in a pass at most: more rows than that are no cheaper together. */
  public static final int MAX_LOOKUP = 64;

  /** Checks the ranges. */
  public GenerationOptions {
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens must be at least 0, found " + maxTokens);
    }
    if (!(temperature >= 0) || temperature > Float.MAX_VALUE) {
      throw new IllegalArgumentException(
          "temperature must be a number from 0, found " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("topK must be at least 0, found " + topK);
    }
    if (lookup < 0 || lookup > MAX_LOOKUP) {
      throw new IllegalArgumentException(
          "lookup must be 0 to %d, found %d".formatted(MAX_LOOKUP, lookup));
    }
  }

  /** 64 tokens, greedy. */
  public static GenerationOptions greedy() {
    return new GenerationOptions(64, 0, 0, OptionalLong.empty(), 0);
  }

  /** 64 tokens, drawn at temperature 1 from all tokens. */
  public static GenerationOptions sampling() {
    return new GenerationOptions(64, 1, 0, OptionalLong.empty(), 0);
  }

  /** Whether the likeliest token is always taken. */
  public boolean isGreedy() {
    return temperature == 0;
  }

  /** These options with another limit. */
  public GenerationOptions withMaxTokens(int maxTokens) {
    return new GenerationOptions(maxTokens, temperature, topK, seed, lookup);
  }

  /** These options with another temperature. */
  public GenerationOptions withTemperature(double temperature) {
    return new GenerationOptions(maxTokens, temperature, topK, seed, lookup);
  }

  /** These options with another number of candidates. */
  public GenerationOptions withTopK(int topK) {
    return new GenerationOptions(maxTokens, temperature, topK, seed, lookup);
  }

  /** These options with a seed. */
  public GenerationOptions withSeed(long seed) {
    return new GenerationOptions(maxTokens, temperature, topK, OptionalLong.of(seed), lookup);
  }

  /** These options with another number of guessed tokens. */
  public GenerationOptions withLookup(int lookup) {
    return new GenerationOptions(maxTokens, temperature, topK, seed, lookup);
  }
}
