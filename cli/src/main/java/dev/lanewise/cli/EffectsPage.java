package dev.lanewise.cli;

import dev.lanewise.Explanation;
import dev.lanewise.Explanation.Word;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * An HTML page of explained texts, complete in itself: no scripts, nothing is fetched, and what
 * comes from texts and models is escaped. It takes its place when it is closed.
 */
final class EffectsPage implements AutoCloseable {

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>Word effects</title>
      <style>
      body { font: 16px/1.9 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
      h2 { font-size: 1em; margin: 2em 0 0 }
      p { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }
      span { border-radius: 3px; padding: 2px 0 }
      .none { color: #888 }
      </style>
      </head>
      <body>
      <h1>Word effects</h1>
      <p>What the log-odds of the label lose without the word: <span style="background: rgb(0 150 60 / 0.6)">for the label</span>, <span style="background: rgb(210 40 30 / 0.6)">against it</span>, <span class="none">not read, or nothing is left without it</span>. Point at a word to see the figure (nats).</p>
      """;

  private final Path target;
  private final Path temporary;
  private final Writer writer;

  /** Begins a page, which replaces what is at {@code target}. */
  EffectsPage(Path target) throws IOException {
    this.target = target.toAbsolutePath();
    this.temporary =
        Files.createTempFile(this.target.getParent(), "." + target.getFileName() + "-", "");
    this.writer = Files.newBufferedWriter(temporary);
    writer.write(HEAD);
  }

  /** Adds a text. */
  void add(String text, Explanation explanation) throws IOException {
    StringBuilder out = new StringBuilder("<h2>");
    out.append(escape(explanation.classification().label()));
    double probability = explanation.classification().probability();
    out.append(
        Double.isNaN(probability)
            ? "</h2>\n<p>"
            : String.format(Locale.ROOT, ", %.2f %%</h2>\n<p>", 100 * probability));
    double largest = largest(explanation);
    int at = 0;
    for (Word word : explanation.words()) {
      out.append(escape(text.substring(at, word.start())));
      at = word.end();
      out.append(span(word, largest));
    }
    out.append(escape(text.substring(at))).append("</p>\n");
    writer.write(out.toString());
  }

  private static String span(Word word, double largest) {
    if (word.effect().isEmpty()) {
      return "<span class=\"none\">" + escape(word.text()) + "</span>";
    }
    double effect = word.effect().getAsDouble();
    return String.format(
        Locale.ROOT,
        "<span title=\"%+.3f\" style=\"background: rgb(%s / %.2f)\">%s</span>",
        effect,
        effect < 0 ? "210 40 30" : "0 150 60",
        largest == 0 ? 0 : 0.75 * Math.abs(effect) / largest,
        escape(word.text()));
  }

  /** The largest effect's size, which has the strongest colour; 0 if there is none. */
  static double largest(Explanation explanation) {
    double largest = 0;
    for (Word word : explanation.words()) {
      largest = Math.max(largest, Math.abs(word.effect().orElse(0)));
    }
    return largest;
  }

  private static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        case '\n', '\t' -> out.append(c);
        default -> out.append(Character.isISOControl(c) ? '\ufffd' : c);
      }
    }
    return out.toString();
  }

  /** Puts the page in its place. */
  void publish() throws IOException {
    writer.write("</body>\n</html>\n");
    writer.close();
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes what was not published. */
  @Override
  public void close() throws IOException {
    writer.close();
    Files.deleteIfExists(temporary);
  }
}
