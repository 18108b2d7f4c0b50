package dev.lanewise.bench.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table in Markdown, its columns aligned so that it can be read as it is. */
public final class Markdown {

  private final List<List<String>> rows = new ArrayList<>();

  /** A table with these columns and no rows. */
  public Markdown(String... columns) {
    rows.add(List.of(columns));
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it doesn't have a cell for each column
   */
  public void row(String... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException(
          "%d cells in a table of %d columns".formatted(cells.length, rows.getFirst().size()));
    }
    rows.add(Arrays.stream(cells).map(cell -> cell.replace("|", "\\|")).toList());
  }

  /** The table, a line each row. */
  public String text() {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], Math.max(3, row.get(i).length()));
      }
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      for (int i = 0; i < columns; i++) {
        String cell = rows.get(r).get(i);
        text.append("| ").append(cell).repeat(' ', widths[i] - cell.length() + 1);
      }
      text.append("|\n");
      if (r == 0) {
        for (int i = 0; i < columns; i++) {
          text.append("|").repeat('-', widths[i] + 2);
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }
}
