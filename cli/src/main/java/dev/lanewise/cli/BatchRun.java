package dev.lanewise.cli;

import dev.lanewise.Classification;
import dev.lanewise.cli.RowReader.Form;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Classifies a file: line i of the results is row i of the file, whatever the number of threads,
 * and memory does not grow with the file.
 */
final class BatchRun {

  private static final String CSV_HEAD =
      "label,labelId,probability,tokens,truncated,abstained,error";

  /** What is done with a row's input, on any thread. */
  @FunctionalInterface
  interface Classifier {
    /** Classifies it. */
    Classification classify(Input input) throws IOException;
  }

  /** What a classification is in JSON. */
  @FunctionalInterface
  interface Json {
    /** An object, on one line. */
    String of(Classification classification);
  }

  private final Console console;
  private final BatchOptions options;
  private final boolean quiet;
  private final Classifier classifier;
  private final Json json;
  private final @Nullable Double minProbability;
  private final AtomicLong done = new AtomicLong();
  private long skipped;

  BatchRun(
      Console console,
      BatchOptions options,
      boolean quiet,
      Classifier classifier,
      Json json,
      @Nullable Double minProbability) {
    this.console = console;
    this.options = options;
    this.quiet = quiet;
    this.classifier = classifier;
    this.json = json;
    this.minProbability = minProbability;
  }

  /** A row's line of the output. */
  private record Result(String line, String problem) {}

  void run(int threads) throws IOException {
    String input = options.input;
    if (input == null) {
      throw new IllegalStateException("no file was named");
    }
    long start = System.nanoTime();
    StatusLine.during(
        console,
        quiet,
        () -> "%s: %s".formatted(input, speed(start)),
        () -> {
          run(Path.of(input), threads);
          return done;
        });
    if (!quiet) {
      console.note(
          "%s: %s%s"
              .formatted(
                  Console.printable(input),
                  speed(start),
                  skipped == 0 ? "" : ", %,d of them bad".formatted(skipped)));
    }
  }

  private String speed(long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    return String.format(Locale.ROOT, "%,d rows, %.1f/s", done.get(), done.get() / seconds);
  }

  private void run(Path file, int threads) throws IOException {
    Form form = Form.of("--input", file.toString());
    String output = options.output;
    boolean csv = output != null && Form.of("--output", output) == Form.CSV;
    try (RowReader rows = new RowReader(file, form, options.textColumn);
        @Nullable BatchOutput out = output == null ? null : open(file, Path.of(output))) {
      skipDone(rows, out, csv);
      try (OrderedWork<Row, Result> work =
          new OrderedWork<>(threads, row -> result(row, csv), result -> write(result, out))) {
        for (Row row = rows.next(); row != null; row = rows.next()) {
          work.add(row);
        }
        work.finish();
      }
    }
  }

  private BatchOutput open(Path input, Path output) throws IOException {
    if (Files.exists(output) && Files.isSameFile(input, output)) {
      throw new IOException(output + ": --input and --output are the same file");
    }
    return BatchOutput.open(output, options.resume);
  }

  private static void skipDone(RowReader rows, @Nullable BatchOutput out, boolean csv)
      throws IOException {
    if (out == null) {
      return;
    }
    long lines = out.lines();
    if (csv && lines == 0) {
      out.write(CSV_HEAD);
    }
    for (long i = csv ? 1 : 0; i < lines; i++) {
      if (rows.next() == null) {
        throw new IOException(
            "--output has %d lines of results, more than --input has rows; they do not belong together"
                .formatted(csv ? lines - 1 : lines));
      }
    }
  }

  private Result result(Row row, boolean csv) throws InputException {
    Input input = row.input();
    String problem = row.problem();
    if (input != null) {
      try {
        Classification classification = classifier.classify(input);
        return new Result(csv ? csv(classification) : json.of(classification), "");
      } catch (IllegalArgumentException | IllegalStateException e) {
        problem = input.where() + ": " + e.getMessage();
      } catch (IOException e) {
        problem = String.valueOf(e.getMessage());
      }
    }
    if (!options.skips()) {
      throw new InputException("", problem);
    }
    if (csv) {
      return new Result(",,,,,," + cell(problem), problem);
    }
    JsonWriter error = new JsonWriter().beginObject();
    error.name("error").value(problem).name("line").value(row.line());
    return new Result(error.end().text(), problem);
  }

  private String csv(Classification result) {
    return "%s,%d,%s,%d,%s,%s,"
        .formatted(
            cell(result.label()),
            result.labelId(),
            Double.isNaN(result.probability()) ? "" : String.valueOf(result.probability()),
            result.tokens(),
            result.truncated(),
            minProbability == null ? "" : String.valueOf(result.abstains(minProbability)));
  }

  /** On one line, so that lines can be counted. */
  private static String cell(String text) {
    String line = Console.printable(text);
    return line.contains(",") || line.contains("\"")
        ? '"' + line.replace("\"", "\"\"") + '"'
        : line;
  }

  private void write(Result result, @Nullable BatchOutput out) throws IOException {
    if (!result.problem().isEmpty()) {
      skipped++;
      if (!quiet) {
        console.note(
            (console.errIsTerminal() ? "\r\u001b[K" : "")
                + "lanewise: "
                + Console.printable(result.problem())
                + "; skipped");
      }
    }
    if (out == null) {
      console.println(result.line());
    } else {
      out.write(result.line());
    }
    done.incrementAndGet();
  }
}
