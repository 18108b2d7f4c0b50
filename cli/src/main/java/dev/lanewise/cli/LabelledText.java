package dev.lanewise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of a TSV file: text, tab, label.
 *
 * @param place line and file, for errors
 */
record LabelledText(String text, String label, String place) {

  /**
   * Reads a file in UTF-8.
   *
   * @throws InputException if a line is not of this form, or there is none
   */
  static List<LabelledText> read(Path file) throws IOException {
    List<LabelledText> texts = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      LineReader lines = new LineReader(in, file.toString());
      @Nullable String line;
      while ((line = lines.next()) != null) {
        if (line.isBlank()) {
          continue;
        }
        String place = lines.where();
        int tab = line.lastIndexOf('\t');
        if (tab < 1 || line.substring(tab + 1).isBlank()) {
          throw new InputException(place, "expected a text, a tab and a label");
        }
        if (line.substring(0, tab).isBlank()) {
          throw new InputException(place, "the text has no tokens, only white space");
        }
        texts.add(new LabelledText(line.substring(0, tab), line.substring(tab + 1).strip(), place));
      }
    }
    if (texts.isEmpty()) {
      throw new InputException(file.toString(), "has no line with a text, a tab and a label");
    }
    return texts;
  }
}
