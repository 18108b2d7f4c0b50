package dev.lanewise;

import dev.lanewise.loader.ClassifierConfig;
import dev.lanewise.loader.ModelConfig.ProblemType;
import org.jspecify.annotations.Nullable;

/**
 * What a classifier makes of its texts, where the model's configuration does not say it ({@link
 * ClassifierConfig}) or shall not be followed. Immutable.
 *
 * @param task or null for the config's, else that which the call fits
 * @param startToken before an input: its text in the vocabulary, or its id in digits; null for the
 *     config's, else what the tokenizer's template puts there
 * @param delimiterToken between two texts
 * @param extractToken after an input
 * @param problemType how outputs are read, or null for the config's
 * @param lastToken which token the head reads
 * @param windowStride tokens from one window of a long text to the next; 0 for three quarters of a
 *     window
 */
public record ClassifierOptions(
    @Nullable Task task,
    @Nullable String startToken,
    @Nullable String delimiterToken,
    @Nullable String extractToken,
    @Nullable ProblemType problemType,
    LastToken lastToken,
    int windowStride) {

  /** Checks the stride. */
  public ClassifierOptions {
    if (windowStride < 0) {
      throw new IllegalArgumentException(
          "the stride of windows must be at least 1, or 0 for the default, found " + windowStride);
    }
  }

  /** All as the model says. */
  public static ClassifierOptions defaults() {
    return new ClassifierOptions(null, null, null, null, null, LastToken.AUTO, 0);
  }

  /** These options with another task. */
  public ClassifierOptions withTask(@Nullable Task task) {
    return new ClassifierOptions(
        task, startToken, delimiterToken, extractToken, problemType, lastToken, windowStride);
  }

  /** These options with other tokens around and between texts. */
  public ClassifierOptions withTokens(
      @Nullable String start, @Nullable String delimiter, @Nullable String extract) {
    return new ClassifierOptions(
        task, start, delimiter, extract, problemType, lastToken, windowStride);
  }

  /** These options with outputs read in another way. */
  public ClassifierOptions withProblemType(@Nullable ProblemType problemType) {
    return new ClassifierOptions(
        task, startToken, delimiterToken, extractToken, problemType, lastToken, windowStride);
  }

  /** These options with another token read. */
  public ClassifierOptions withLastToken(LastToken lastToken) {
    return new ClassifierOptions(
        task, startToken, delimiterToken, extractToken, problemType, lastToken, windowStride);
  }

  /** These options with another stride of windows. */
  public ClassifierOptions withWindowStride(int windowStride) {
    return new ClassifierOptions(
        task, startToken, delimiterToken, extractToken, problemType, lastToken, windowStride);
  }
}
