package dev.lanewise.cli;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a .tsv, .csv or .jsonl file, one at a time. The text of a table is in a column that has a
 * number, counted from 1, or a name, which the first row then gives.
 */
final class RowReader implements AutoCloseable {

  /** A form of files. */
  enum Form {
    TSV,
    CSV,
    JSONL;

    /**
     * By the name's end.
     *
     * @throws UsageException if it is none of them
     */
    static Form of(String option, String file) {
      String name = file.toLowerCase(Locale.ROOT);
      for (Form form : values()) {
        if (name.endsWith("." + form.name().toLowerCase(Locale.ROOT))) {
          return form;
        }
      }
      throw new UsageException(
          option + ": expected a .tsv, .csv or .jsonl file, found '" + file + "'");
    }
  }

  private final Form form;
  private final InputStream in;
  private final LineReader lines;
  private final CsvReader records;
  private final String name;
  private final @Nullable String column;
  private int index;

  /**
   * Opens a file, and reads its head if the column has a name.
   *
   * @param column number or name; null for the first of a TSV, and {@code text} of others
   * @throws InputException if no column has that name
   */
  RowReader(Path file, Form form, @Nullable String column) throws IOException {
    this.form = form;
    this.name = file.toString();
    this.in = Files.newInputStream(file);
    this.lines = new LineReader(in, name);
    this.records = new CsvReader(in, name);
    this.column = column;
    try {
      this.index =
          form == Form.JSONL ? 0 : index(column == null && form == Form.CSV ? "text" : column);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Whether a column is told by its number. */
  static boolean isNumber(String column) {
    return !column.isEmpty() && column.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private int index(@Nullable String wanted) throws IOException {
    if (wanted == null) {
      return 0;
    }
    if (isNumber(wanted)) {
      return Integer.parseInt(wanted) - 1;
    }
    List<String> head = form == Form.CSV ? records.next() : cells(lines.next());
    int at = head == null ? -1 : head.indexOf(wanted);
    if (at < 0) {
      throw new InputException(
          "line 1 of " + name,
          "no column is called '%s'; --text-column chooses one by its name there, or by its number if there are no names"
              .formatted(Console.printable(wanted)));
    }
    return at;
  }

  private static @Nullable List<String> cells(@Nullable String line) {
    return line == null ? null : List.of(line.split("\t", -1));
  }

  /** The next row, perhaps a bad one, or null at the end. */
  @Nullable Row next() throws IOException {
    return switch (form) {
      case CSV -> nextRecord();
      case TSV -> nextLine();
      case JSONL -> nextJson();
    };
  }

  private @Nullable Row nextRecord() throws IOException {
    try {
      List<String> cells = records.next();
      return cells == null ? null : row(records.line(), records.where(), cells);
    } catch (InputException e) {
      return Row.bad(records.line(), String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Row nextLine() throws IOException {
    try {
      List<String> cells = cells(lines.next());
      return cells == null ? null : row(lines.number(), lines.where(), cells);
    } catch (InputException e) {
      return Row.bad(lines.number(), String.valueOf(e.getMessage()));
    }
  }

  private Row row(long line, String where, List<String> cells) {
    return index < cells.size()
        ? Row.of(line, Input.ofText(where, cells.get(index), null))
        : Row.bad(
            line,
            "%s: the text is in column %d, but there are %d"
                .formatted(where, index + 1, cells.size()));
  }

  private @Nullable Row nextJson() throws IOException {
    try {
      String line = lines.next();
      return line == null ? null : Row.of(lines.number(), json(lines.where(), line));
    } catch (InputException | MalformedCheckpointException e) {
      return Row.bad(lines.number(), String.valueOf(e.getMessage()));
    }
  }

  private Input json(String where, String line) throws IOException {
    if (column == null) {
      return JsonInput.parse(where, line, true);
    }
    JsonObject object = Json.parse(line, where).asObject();
    return Input.ofText(where, object.required(column).asString(), null);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
