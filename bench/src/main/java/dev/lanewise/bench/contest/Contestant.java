package dev.lanewise.bench.contest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A runtime that is measured, opened with one model and a number of threads. */
public interface Contestant extends AutoCloseable {

  /** Opens one; implementations have a public constructor without parameters. */
  @FunctionalInterface
  interface Opener {
    /**
     * Opens a model.
     *
     * @param model a folder, or a file in the runtime's own format
     * @param threads that one call uses
     */
    Contestant open(Path model, int threads) throws IOException;
  }

  /** "ONNX Runtime 1.2.3". */
  String version();

  @Override
  void close();

  /** Labels texts. */
  interface Classifier extends Contestant {
    /** The head's outputs for a text that is given as ids. */
    float[] logits(int[] ids);
  }

  /** Continues texts. */
  interface Generator extends Contestant {
    /**
     * Continues a prompt, always with the likeliest token, and does not stop at end-of-text.
     *
     * @param prompt the text
     * @param ids its tokens, for runtimes that take these
     * @param newTokens how many
     */
    Continuation generate(String prompt, int[] ids, int newTokens);
  }

  /** Turns text to ids. */
  interface Encoder extends Contestant {
    /** Ids of a text, without a template. */
    int[] encode(String text);
  }

  /**
   * What was generated and how long it took.
   *
   * @param text of the new tokens, "" if the runtime gives none
   * @param ids of the new tokens, empty if the runtime gives none
   * @param promptTokens that the runtime read
   * @param newTokens that it made
   * @param promptNanos until the first new token was known
   * @param generateNanos from then to the end: {@code newTokens - 1} steps
   */
  record Continuation(
      String text,
      List<Integer> ids,
      int promptTokens,
      int newTokens,
      long promptNanos,
      long generateNanos) {

    /** Copies the ids. */
    public Continuation {
      ids = List.copyOf(ids);
    }

    /** Prompt tokens a second. */
    public double promptRate() {
      return promptTokens / (promptNanos / 1e9);
    }

    /** New tokens a second. */
    public double generateRate() {
      return (newTokens - 1) / (generateNanos / 1e9);
    }
  }
}
