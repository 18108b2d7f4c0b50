package dev.lanewise.cli;

import dev.lanewise.Backend;
import dev.lanewise.Classification;
import dev.lanewise.Explanation;
import dev.lanewise.Explanation.Word;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.Truncation;
import dev.lanewise.WordEffects;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lanewise classify}. */
@picocli.CommandLine.Command(
    name = "classify",
    description = "Says which label a text has.",
    sortOptions = false,
    footer = {
      "",
      "JSON fields: label, labelId, probability, scores [{label, labelId, logit, probability}],",
      "tokens, truncated, windows, backend, with --min-probability abstained, with --explain",
      "effects [{word, effect}].",
      "",
      "Examples:",
      "  lanewise classify \"please move fifty dollars into my savings account\" --top 3",
      "  lanewise classify - --json < texts.txt",
      "  lanewise classify --input tickets.csv --text-column body --output labels.jsonl"
    })
final class ClassifyCommand implements Command {

  @Parameters(paramLabel = "TEXT", arity = "0..*", description = "Texts, or '-' for stdin.")
  private List<String> texts = List.of();

  @Mixin private final InputOptions input = new InputOptions();
  @Mixin private final BatchOptions batch = new BatchOptions();
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--top",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "The N best labels (default: 1; with --json all, with --input 1).")
  private @Nullable Integer top;

  @Option(
      names = "--truncation",
      paramLabel = "WHAT",
      converter = TruncationChoice.class,
      description =
          "A text longer than the context is an error (default), or cut to its start or its end:"
              + " error, start, end.")
  private Truncation truncation = Truncation.ERROR;

  @Option(
      names = "--min-probability",
      paramLabel = "P",
      converter = Probability.class,
      description = "Abstain where the best label's probability is below P, 0 to 1.")
  private @Nullable Double minProbability;

  @Option(names = "--no-calibration", description = "Ignore the temperature beside the model.")
  private boolean uncalibrated;

  @Option(
      names = "--explain",
      description =
          "Each word's effect: by how much the log-odds of the label (nats) are higher with the"
              + " word than without it.")
  private boolean explain;

  @Option(
      names = "--explain-html",
      paramLabel = "FILE",
      description = "Writes the effects to an HTML page, too.")
  private @Nullable String page;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void check() {
    boolean file = batch.check(texts, input);
    if (!file) {
      input.check(texts, "TEXT");
    }
    if (explains() && (file || input.hasIds())) {
      throw new UsageException("--explain is for texts that are given as arguments or on stdin");
    }
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.INTENTS);
    try (TextClassifier classifier =
        Opening.open(console, common, path, options(), o -> TextClassifier.open(path, o))) {
      if (batch.input != null) {
        new BatchRun(
                console,
                batch,
                common.quiet,
                in -> classify(classifier, in),
                result -> json(result, null, null),
                minProbability)
            .run(common.threadsForMany());
        return;
      }
      try (@Nullable EffectsPage html = page == null ? null : new EffectsPage(Path.of(page))) {
        input.forEach(texts, console, in -> answer(classifier, in, html, console));
        if (html != null) {
          html.publish();
        }
      }
    }
  }

  private boolean explains() {
    return explain || page != null;
  }

  private void answer(
      TextClassifier classifier, Input in, @Nullable EffectsPage html, Console console)
      throws IOException {
    Explanation explanation = explains() ? explain(classifier, in, console) : null;
    Classification result =
        explanation == null ? classify(classifier, in) : explanation.classification();
    if (html != null && explanation != null && in.text() != null) {
      html.add(in.text(), explanation);
    }
    console.print(
        common.json
            ? json(result, classifier.backend(), explanation) + "\n"
            : table(result, in, console)
                + (explanation == null ? "" : words(explanation, console)));
  }

  private Explanation explain(TextClassifier classifier, Input in, Console console)
      throws IOException {
    String text = in.text();
    if (text == null || in.context() != null) {
      throw new IllegalArgumentException("--explain is for texts, not for 'ids' or a 'context'");
    }
    return StatusLine.during(
        console,
        common.quiet,
        "explaining",
        () -> new WordEffects(classifier).explain(text, truncation));
  }

  private static String words(Explanation explanation, Console console) {
    double largest = EffectsPage.largest(explanation);
    StringBuilder out = new StringBuilder();
    for (Word word : explanation.words()) {
      String text = Console.printable(word.text());
      if (word.effect().isEmpty()) {
        out.append(console.dim("         -  " + text)).append('\n');
      } else {
        double effect = word.effect().getAsDouble();
        out.append(String.format(Locale.ROOT, "%+10.3f  ", effect))
            .append(console.shade(text, largest == 0 ? 0 : effect / largest))
            .append('\n');
      }
    }
    return out.toString();
  }

  /** A file's rows are on several threads, each on one. */
  private ModelOptions options() {
    ModelOptions options = Opening.options(common, model).withCalibration(!uncalibrated);
    return batch.input == null ? options : options.withThreads(1);
  }

  private Classification classify(TextClassifier classifier, Input in) {
    String text = in.text();
    if (in.context() != null) {
      throw new IllegalArgumentException("field 'context' is for 'score'");
    }
    return text == null ? classifier.classify(in.ids()) : classifier.classify(text, truncation);
  }

  /** The backend, which may change from one text to the next, is told unless it is null. */
  private String json(
      Classification result, @Nullable Backend backend, @Nullable Explanation explanation) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("label").value(result.label());
    json.name("labelId").value(result.labelId());
    json.name("probability").value(result.probability());
    json.name("scores").beginArray();
    for (LabelScore score : best(result)) {
      json.beginObject();
      json.name("label").value(score.label());
      json.name("labelId").value(score.labelId());
      json.name("logit").value(score.logit());
      json.name("probability").value(score.probability());
      json.end();
    }
    json.end();
    json.name("tokens").value(result.tokens());
    json.name("truncated").value(result.truncated());
    json.name("windows").value(result.windows());
    if (minProbability != null) {
      json.name("abstained").value(result.abstains(minProbability));
    }
    if (explanation != null) {
      json.name("effects").beginArray();
      for (Word word : explanation.words()) {
        json.beginObject().name("word").value(word.text());
        json.name("effect").value(word.effect().orElse(Double.NaN)).end();
      }
      json.end();
    }
    if (backend != null) {
      json.name("backend").value(backend.name());
      json.name("vectorBits").value(backend.vectorBits());
    }
    return json.end().text();
  }

  private List<LabelScore> best(Classification result) {
    int n = result.scores().size();
    int all = batch.input == null ? n : 1;
    return result.scores().subList(0, top == null ? all : Math.min(top, n));
  }

  /** One label: on one line with the text, if there are several. More: a line each. */
  private String table(Classification result, Input in, Console console) {
    List<LabelScore> scores = result.scores();
    scores = scores.subList(0, Math.min(top == null ? 1 : top, scores.size()));
    int width = 0;
    for (LabelScore score : scores) {
      width = Math.max(width, Console.printable(score.label()).length());
    }
    boolean many = input.many(texts);
    if (many && top == null) {
      width = Math.max(width, 20);
    }
    StringBuilder out = new StringBuilder();
    if (many && top != null) {
      out.append(console.dim(in.label())).append('\n');
    }
    for (int i = 0; i < scores.size(); i++) {
      String label = Console.printable(scores.get(i).label());
      out.append(i == 0 ? console.bold(label) : label)
          .append(" ".repeat(width - label.length()))
          .append(figure(scores.get(i)));
      if (many && top == null) {
        out.append("  ").append(console.dim(in.label()));
      }
      if (result.truncated() && i == 0) {
        out.append(console.dim("  (truncated)"));
      }
      if (i == 0 && minProbability != null && result.abstains(minProbability)) {
        out.append("  (abstained)");
      }
      out.append('\n');
    }
    return out.toString();
  }

  /** The probability, or the value of a regression, which has none. */
  private static String figure(LabelScore score) {
    return Double.isNaN(score.probability())
        ? String.format(Locale.ROOT, "  %10.4f", score.logit())
        : String.format(Locale.ROOT, "  %7.2f %%", 100 * score.probability());
  }
}
