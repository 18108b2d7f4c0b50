package dev.lanewise.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command's inputs come from: arguments, stdin or ids. */
final class InputOptions {

  /** What is done with each input. */
  @FunctionalInterface
  interface Action {
    /** Works on one input. */
    void accept(Input input) throws IOException;
  }

  private final boolean pairs;

  InputOptions() {
    this(false);
  }

  private InputOptions(boolean pairs) {
    this.pairs = pairs;
  }

  /** Of a command that takes a second text, or answers, with a text. */
  static InputOptions withPairs() {
    return new InputOptions(true);
  }

  @Option(
      names = "--ids",
      paramLabel = "ID,ID...",
      description = "Token ids as they are, in place of a text.")
  private @Nullable String ids;

  @Option(
      names = "--jsonl",
      description =
          "Stdin has a JSON value a line: a string, or an object with 'text' or 'ids'"
              + " (and 'pair' or 'choices', to classify).")
  private boolean jsonl;

  /**
   * Fails unless exactly one source is named. Called before a model is loaded.
   *
   * @param texts the positional arguments
   * @param name of the positional argument, for messages
   */
  void check(List<String> texts, String name) {
    boolean stdin = jsonl || texts.contains("-");
    if (ids != null && (stdin || !texts.isEmpty())) {
      throw new UsageException("--ids and " + name + " exclude each other");
    }
    if (stdin && texts.size() > (texts.contains("-") ? 1 : 0)) {
      throw new UsageException("texts come from stdin or from arguments, not from both");
    }
    if (ids != null) {
      IdList.check("--ids", ids);
    }
    if (ids == null && !stdin && texts.isEmpty()) {
      throw new UsageException("missing " + name + ", or '-' for stdin, or --ids");
    }
  }

  /** Whether more than one input may come. */
  boolean many(List<String> texts) {
    return jsonl || texts.size() > 1 || texts.contains("-");
  }

  /** Whether ids or lines of stdin are asked for. */
  boolean isGiven() {
    return jsonl || ids != null;
  }

  /** Whether ids were given as an option. */
  boolean hasIds() {
    return ids != null;
  }

  /** Runs {@code action} for each input in order; what an input is to blame for says which one. */
  void forEach(List<String> texts, Console console, Action action) throws IOException {
    if (ids != null) {
      run(Input.ofIds("", IdList.parse(ids)), action);
    } else if (jsonl || texts.contains("-")) {
      LineReader lines = new LineReader(console.in(), "stdin");
      for (String line = lines.next(); line != null; line = lines.next()) {
        run(
            jsonl
                ? JsonInput.parse(lines.where(), line, pairs)
                : Input.ofText(lines.where(), line, null),
            action);
      }
    } else {
      for (int i = 0; i < texts.size(); i++) {
        String where = texts.size() == 1 ? "" : "text " + (i + 1);
        run(Input.ofText(where, texts.get(i), null), action);
      }
    }
  }

  private static void run(Input input, Action action) throws IOException {
    try {
      action.accept(input);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new InputException(input.where(), String.valueOf(e.getMessage()), e);
    }
  }
}
