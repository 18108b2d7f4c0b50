package dev.lanewise.bench.report;

import dev.lanewise.bench.report.ContestTable.Case;
import dev.lanewise.bench.report.ContestTable.Result;
import java.util.Locale;

/**
 * A table as horizontal bars in SVG: a group for each case, each group to its own scale, since
 * texts of 32 and 512 tokens differ by more than a picture can show. A bar ends at the median; a
 * line goes from the smallest value to p99, as far as it fits. Readable on light and dark pages.
 */
final class BarPlot {

  private static final int WIDTH = 860;
  private static final int NAMES = 230;
  private static final int BARS = 500;
  private static final int BAR = 16;
  private static final int STEP = 22;
  private static final int GROUP = 34;
  private static final int TOP = 56;
  private static final int BOTTOM = 34;

  /** Part of the width that the longest bar takes; the rest is for p99. */
  private static final double LONGEST = 0.85;

  private static final String STYLE =
      """
      <style>
        text { font: 13px system-ui, sans-serif; fill: #1f2328; }
        .title { font-size: 16px; font-weight: 600; }
        .case { font-weight: 600; }
        .small { font-size: 11px; fill: #59636e; }
        .ours { fill: #1f6feb; }
        .rival { fill: #9aa4af; }
        .spread { stroke: #1f2328; stroke-width: 1.5; }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3; }
          .small { fill: #9198a1; }
          .ours { fill: #58a6ff; }
          .rival { fill: #656c76; }
          .spread { stroke: #e6edf3; }
        }
      </style>
      """;

  private BarPlot() {}

  /**
   * The picture.
   *
   * @param caption small print below it
   */
  static String svg(ContestTable table, String caption) {
    int height = TOP + BOTTOM;
    for (Case one : table.cases()) {
      height += GROUP + STEP * one.results().size();
    }
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" aria-label="%3$s">
        """
            .formatted(WIDTH, height, escape(table.title())));
    svg.append(STYLE);
    text(svg, "title", 12, 24, table.title());
    String better = table.lessIsBetter() ? "less is better" : "more is better";
    text(svg, "small", 12, 42, table.unit() + ", " + better + "; each group has its own scale");
    int y = TOP;
    for (Case one : table.cases()) {
      group(svg, one, y);
      y += GROUP + STEP * one.results().size();
    }
    text(svg, "small", 12, height - 12, caption);
    return svg.append("</svg>\n").toString();
  }

  private static void group(StringBuilder svg, Case one, int top) {
    double longest =
        one.results().stream().mapToDouble(result -> result.values().median()).max().orElse(1);
    double scale = longest > 0 ? BARS * LONGEST / longest : 0;
    text(svg, "case", 12, top + 22, one.label());
    int y = top + GROUP - 2;
    for (Result result : one.results()) {
      double bar = result.values().median() * scale;
      double from = Math.min(BARS, result.values().min() * scale);
      double to = Math.min(BARS, result.values().p99() * scale);
      text(svg, "name", 24, y + BAR - 3, result.entrant().name());
      svg.append(
          String.format(
              Locale.ROOT,
              "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
              result.entrant().ours() ? "ours" : "rival",
              NAMES,
              y,
              bar,
              BAR));
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"spread\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n",
              NAMES + from,
              NAMES + to,
              y + BAR / 2,
              y + BAR / 2));
      text(
          svg,
          "value",
          NAMES + (int) Math.max(bar, to) + 8,
          y + BAR - 3,
          KernelTable.number(result.values().median()));
      y += STEP;
    }
  }

  private static void text(StringBuilder svg, String style, int x, int y, String text) {
    svg.append("<text class=\"%s\" x=\"%d\" y=\"%d\">".formatted(style, x, y));
    svg.append(escape(text)).append("</text>\n");
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
