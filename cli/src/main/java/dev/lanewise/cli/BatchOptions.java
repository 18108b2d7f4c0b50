package dev.lanewise.cli;

import dev.lanewise.cli.RowReader.Form;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** A file of texts in place of arguments, and where its results go. */
final class BatchOptions {

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "Texts from a .tsv, .csv or .jsonl file; results are a line for each row.")
  @Nullable String input;

  @Option(
      names = "--text-column",
      paramLabel = "NAME|N",
      description =
          "Where --input has the text: a name, which its first row then gives, or a number from 1"
              + " (default: 1 for .tsv, 'text' for others).")
  @Nullable String textColumn;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "A .jsonl or .csv file for the results; must not exist (default: stdout).")
  @Nullable String output;

  @Option(
      names = "--on-error",
      paramLabel = "WHAT",
      converter = OnErrorChoice.class,
      description = "A bad row: fail (default), or skip: its result is an 'error'.")
  private @Nullable OnError onError;

  @Option(names = "--resume", description = "Go on behind the last whole line of --output.")
  boolean resume;

  /** Whether a bad row is passed over. */
  boolean skips() {
    return onError == OnError.SKIP;
  }

  /**
   * Fails on options that do not go together.
   *
   * @return whether a file is to be read
   */
  boolean check(List<String> texts, InputOptions other) {
    if (input == null) {
      if (textColumn != null || output != null || onError != null || resume) {
        throw new UsageException(
            "--text-column, --output, --on-error and --resume are for a file that --input names");
      }
      return false;
    }
    if (!texts.isEmpty() || other.hasIds() || other.many(texts)) {
      throw new UsageException("--input excludes TEXT, '-', --ids and --jsonl");
    }
    Form form = Form.of("--input", input);
    if (textColumn != null && textColumn.matches("0+|[0-9]{10,}")) {
      throw new UsageException("--text-column: columns count from 1, found '" + textColumn + "'");
    }
    if (textColumn != null && form == Form.JSONL && RowReader.isNumber(textColumn)) {
      throw new UsageException("--text-column of a .jsonl file is the name of a field");
    }
    if (output != null && Form.of("--output", output) == Form.TSV) {
      throw new UsageException("--output: expected a .jsonl or .csv file, found '" + output + "'");
    }
    if (resume && output == null) {
      throw new UsageException("--resume needs --output");
    }
    return true;
  }

  enum OnError {
    FAIL,
    SKIP
  }

  /** What happens at a bad row. */
  static final class OnErrorChoice implements ITypeConverter<OnError> {
    @Override
    public OnError convert(String value) {
      return switch (value) {
        case "fail" -> OnError.FAIL;
        case "skip" -> OnError.SKIP;
        default ->
            throw new TypeConversionException("expected fail or skip, found '" + value + "'");
      };
    }
  }
}
