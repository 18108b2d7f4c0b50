package dev.lanewise.cli;

import dev.lanewise.Backend;
import dev.lanewise.Classification;
import dev.lanewise.LabelScore;
import dev.lanewise.loader.JsonWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A classification for scripts or for people.
 *
 * @param top labels to show, or null for the default: all in JSON of a text, else one
 * @param minProbability below which the classifier abstains, or null
 */
record ClassificationPrinter(@Nullable Integer top, @Nullable Double minProbability) {

  /** Width that most labels fit, so that the texts behind them are aligned. */
  private static final int LABEL_WIDTH = 20;

  /**
   * An object with all fields, not ended yet.
   *
   * @param backend or null where it may change from one text to the next
   */
  JsonWriter json(Classification result, @Nullable Backend backend) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("label").value(result.label());
    json.name("labelId").value(result.labelId());
    number(json.name("probability"), result.probability());
    if (minProbability != null) {
      json.name("abstained").value(result.abstains(minProbability));
    }
    json.name("scores").beginArray();
    for (LabelScore score : best(result, backend == null ? 1 : result.scores().size())) {
      json.beginObject();
      json.name("label").value(score.label());
      json.name("labelId").value(score.labelId());
      json.name("logit").value(score.logit());
      number(json.name("logProbability"), score.logProbability());
      number(json.name("probability"), score.probability());
      json.end();
    }
    json.end();
    json.name("tokens").value(result.tokens());
    json.name("truncated").value(result.truncated());
    json.name("windows").value(result.windows());
    if (backend != null) {
      json.name("backend").value(backend.name());
      json.name("vectorBits").value(backend.vectorBits());
    }
    return json;
  }

  /** A regression has no probability: null. */
  private static void number(JsonWriter json, double value) {
    if (Double.isNaN(value)) {
      json.nullValue();
    } else {
      json.value(value);
    }
  }

  private List<LabelScore> best(Classification result, int otherwise) {
    int n = top == null ? otherwise : top;
    return result.scores().subList(0, Math.min(n, result.scores().size()));
  }

  /**
   * One label: on one line with the text, if there are several texts. More: a line each.
   *
   * @param text of the input, on one line
   */
  String table(Classification result, String text, boolean many, Console console) {
    List<LabelScore> scores = best(result, 1);
    int width = many && top == null ? LABEL_WIDTH : 0;
    for (LabelScore score : scores) {
      width = Math.max(width, Console.printable(score.label()).length());
    }
    StringBuilder out = new StringBuilder();
    if (many && top != null) {
      out.append(console.dim(text)).append('\n');
    }
    for (int i = 0; i < scores.size(); i++) {
      String label = Console.printable(scores.get(i).label());
      out.append(i == 0 ? console.bold(label) : label)
          .append(" ".repeat(width - label.length()))
          .append(figure(scores.get(i)));
      if (many && top == null) {
        out.append("  ").append(console.dim(text));
      }
      if (i == 0) {
        out.append(console.dim(remarks(result)));
      }
      out.append('\n');
    }
    return out.toString();
  }

  private String remarks(Classification result) {
    String remarks = result.truncated() ? "  (truncated)" : "";
    if (result.windows() > 1) {
      remarks += "  (" + result.windows() + " windows)";
    }
    return minProbability != null && result.abstains(minProbability)
        ? remarks + "  (abstained)"
        : remarks;
  }

  /** The probability, or the value of a regression, which has none. */
  private static String figure(LabelScore score) {
    return Double.isNaN(score.probability())
        ? String.format(Locale.ROOT, "  %10.4f", score.logit())
        : String.format(Locale.ROOT, "  %7.2f %%", 100 * score.probability());
  }
}
