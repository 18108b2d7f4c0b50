package dev.lanewise.cli;

import dev.lanewise.ModelOptions;
import dev.lanewise.Score;
import dev.lanewise.TextScorer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a language model makes of texts.
 *
 * @param logLikelihood mean over all tokens but the first of each text, nats
 * @param tokens that were counted
 */
record TextQuality(double logLikelihood, long tokens) implements Quality {

  /**
   * The lines of a file, blank ones apart.
   *
   * @throws InputException if there is none
   */
  static List<String> read(Path file) throws IOException {
    List<String> texts = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      LineReader lines = new LineReader(in, file.toString());
      for (@Nullable String line = lines.next(); line != null; line = lines.next()) {
        if (!line.isBlank()) {
          texts.add(line);
        }
      }
    }
    if (texts.isEmpty()) {
      throw new InputException(file.toString(), "has no text");
    }
    return texts;
  }

  /** Scores texts, of those that are too long the beginning. */
  static TextQuality measure(Path model, ModelOptions options, List<String> texts)
      throws IOException {
    try (TextScorer scorer = TextScorer.open(model, options)) {
      double sum = 0;
      long tokens = 0;
      for (String text : texts) {
        int[] ids = scorer.tokenizer().encode(text);
        if (ids.length > 1) {
          int length = Math.min(ids.length, scorer.config().nPositions());
          Score score = scorer.score(Arrays.copyOf(ids, length));
          sum += score.logProb();
          tokens += length - 1;
        }
      }
      if (tokens == 0) {
        throw new IOException("no text has two tokens, so there is nothing to measure");
      }
      return new TextQuality(sum / tokens, tokens);
    }
  }

  double perplexity() {
    return Math.exp(-logLikelihood);
  }

  /** Percent by which perplexity has risen. */
  @Override
  public double drop(Quality before) {
    return 100 * (perplexity() / ((TextQuality) before).perplexity() - 1);
  }

  @Override
  public String dropped(double amount) {
    return String.format(Locale.ROOT, "%.2f %% of perplexity", amount);
  }

  @Override
  public Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("perplexity", perplexity());
    figures.put("logLikelihood", logLikelihood);
    return figures;
  }

  @Override
  public OptionalDouble labelAgreement(Quality before) {
    return OptionalDouble.empty();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "perplexity %.4f, log-likelihood %.4f a token", perplexity(), logLikelihood);
  }
}
