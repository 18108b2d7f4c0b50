package dev.lanewise.cli;

import dev.lanewise.ClassificationReport;
import dev.lanewise.ClassificationReport.Confusion;
import dev.lanewise.ClassificationReport.LabelReport;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextScorer;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise evaluate}. */
@picocli.CommandLine.Command(
    name = "evaluate",
    description = "Says how well a classifier's labels agree with the right ones.",
    sortOptions = false,
    footer = {
      "",
      "l2 is the mean log-likelihood of the right labels, l1 the mean over the texts of the mean",
      "log-probability of a token, as the language model has it, l3 = l2 + lambda l1 (Radford et",
      "al. 2018, 3.2); all in nats. ece is the expected calibration error (Guo et al. 2017, 15"
          + " bins).",
      "",
      "JSON fields: examples, accuracy, macroF1, l1, l2, l3, lambda, ece, eceUncalibrated,",
      "temperature, perLabel [{label, precision, recall, f1, support}], confusions [{expected,",
      "predicted, count}], and l1Reason where l1 is null.",
      "",
      "Example:",
      "  lanewise evaluate --data test.tsv"
    })
final class EvaluateCommand implements Command {

  /** Confusions that people see. */
  private static final int SHOWN = 10;

  @Option(
      names = "--data",
      paramLabel = "TSV",
      required = true,
      description = "A line for each text: text, tab, right label.")
  private String data = "";

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--lambda",
      paramLabel = "L",
      converter = NonNegative.class,
      description = "Weight of l1 in l3 (default: 0.5, the paper's).")
  private double lambda = 0.5;

  @Mixin private final ClassifierFlags flags = new ClassifierFlags();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void run(Console console) throws IOException {
    List<LabelledText> texts = LabelledText.read(Path.of(data));
    Path path = model.orShipped(ShippedModel.INTENTS);
    ModelOptions options =
        Opening.options(common, model).withThreads(1).withCalibration(flags.calibrated());
    try (TextScorer scorer =
            Opening.open(console, common, path, options, o -> TextScorer.open(path, o));
        TextClassifier classifier =
            Opening.open(
                console,
                common,
                path,
                options,
                o -> TextClassifier.open(path, o, flags.options()))) {
      AtomicInteger done = new AtomicInteger();
      Evaluation evaluation =
          StatusLine.during(
              console,
              common.quiet,
              () -> "evaluating: %d of %d".formatted(done.get(), texts.size()),
              () ->
                  Evaluation.of(
                      classifier,
                      texts,
                      flags.truncation(),
                      common.threadsForMany(),
                      scorer.hasLanguageModel() ? scorer : null,
                      done));
      Figures figures = figures(classifier, scorer.hasLanguageModel(), evaluation);
      console.print(common.json ? json(figures) + "\n" : table(figures, console));
    }
  }

  /** What is told. */
  private record Figures(
      ClassificationReport report,
      double eceUncalibrated,
      double temperature,
      OptionalDouble l1,
      String l1Reason,
      double l2,
      OptionalDouble l3) {}

  private Figures figures(
      TextClassifier classifier, boolean hasLanguageModel, Evaluation evaluation) {
    ClassificationReport report = evaluation.report(classifier.labels(), OptionalDouble.empty());
    ClassificationReport plain =
        classifier.temperature() == 1
            ? report
            : evaluation.report(classifier.labels(), OptionalDouble.of(1));
    OptionalDouble l1 = evaluation.languageModel();
    double l2 = evaluation.labelLogLikelihood();
    return new Figures(
        report,
        plain.calibrationError(),
        classifier.temperature(),
        l1,
        hasLanguageModel
            ? "no text has a token with another before it"
            : "the checkpoint has no language-model head: no tensor 'lm_head.weight', and the"
                + " config does not tie it to the embedding",
        l2,
        l1.isPresent() ? OptionalDouble.of(l2 + lambda * l1.getAsDouble()) : l1);
  }

  private String json(Figures figures) {
    ClassificationReport report = figures.report();
    JsonWriter json = new JsonWriter().beginObject();
    json.name("examples").value(report.examples());
    json.name("accuracy").value(report.accuracy());
    json.name("macroF1").value(report.macroF1());
    json.name("l1").value(figures.l1().orElse(Double.NaN));
    if (figures.l1().isEmpty()) {
      json.name("l1Reason").value(figures.l1Reason());
    }
    json.name("l2").value(figures.l2());
    json.name("l3").value(figures.l3().orElse(Double.NaN));
    json.name("lambda").value(lambda);
    json.name("ece").value(report.calibrationError());
    json.name("eceUncalibrated").value(figures.eceUncalibrated());
    json.name("temperature").value(figures.temperature());
    json.name("perLabel").beginArray();
    for (LabelReport label : report.perLabel()) {
      json.beginObject().name("label").value(label.label());
      json.name("precision").value(label.precision()).name("recall").value(label.recall());
      json.name("f1").value(label.f1()).name("support").value(label.support()).end();
    }
    json.end().name("confusions").beginArray();
    for (Confusion confusion : report.confusions()) {
      json.beginObject().name("expected").value(confusion.expected());
      json.name("predicted").value(confusion.predicted());
      json.name("count").value(confusion.count()).end();
    }
    return json.end().end().text();
  }

  private String table(Figures figures, Console console) {
    ClassificationReport report = figures.report();
    StringBuilder out = new StringBuilder();
    row(out, "examples", "%d", report.examples());
    row(out, "accuracy", "%.2f %%", 100 * report.accuracy());
    row(out, "macro F1", "%.4f", report.macroF1());
    row(out, "calibration error", "%.4f", report.calibrationError());
    if (figures.temperature() != 1) {
      row(out, "  uncalibrated", "%.4f", figures.eceUncalibrated());
      row(out, "temperature", "%.4f", figures.temperature());
    }
    row(out, "L2, nats a text", "%.4f", figures.l2());
    if (figures.l1().isPresent()) {
      row(out, "L1, nats a token", "%.4f", figures.l1().getAsDouble());
      row(out, "L3 = L2 + %s L1".formatted(lambda), "%.4f", figures.l3().orElseThrow());
    } else {
      row(out, "L1", "none: %s", figures.l1Reason());
    }
    int width = 5;
    for (LabelReport label : report.perLabel()) {
      width = Math.max(width, Console.printable(label.label()).length());
    }
    String format = "%-" + width + "s";
    String head = format.formatted("label") + "  precision  recall      F1  support";
    out.append('\n').append(console.bold(head)).append('\n');
    for (LabelReport label : report.perLabel()) {
      out.append(format.formatted(Console.printable(label.label())))
          .append(
              String.format(
                  Locale.ROOT,
                  "  %9.4f  %6.4f  %6.4f  %7d\n",
                  label.precision(),
                  label.recall(),
                  label.f1(),
                  label.support()));
    }
    List<Confusion> worst =
        report.confusions().subList(0, Math.min(SHOWN, report.confusions().size()));
    if (!worst.isEmpty()) {
      head = format.formatted("right") + "  count  given";
      out.append('\n').append(console.bold(head)).append('\n');
    }
    for (Confusion confusion : worst) {
      out.append(format.formatted(Console.printable(confusion.expected())))
          .append(
              "  %5d  %s\n".formatted(confusion.count(), Console.printable(confusion.predicted())));
    }
    return out.toString();
  }

  private static void row(StringBuilder out, String name, String format, Object value) {
    out.append(String.format(Locale.ROOT, "%-18s " + format + "\n", name, value));
  }
}
