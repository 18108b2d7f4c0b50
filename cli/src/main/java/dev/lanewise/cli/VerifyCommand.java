package dev.lanewise.cli;

import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextScorer;
import dev.lanewise.TokenScore;
import dev.lanewise.cli.ReferenceCases.Case;
import dev.lanewise.cli.ReferenceCases.Kind;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise verify}. */
@picocli.CommandLine.Command(
    name = "verify",
    description = "Holds a model against logits that another implementation gave.",
    sortOptions = false,
    footer = {
      "",
      "docs/verify.md describes the file and has a snippet that writes one with transformers.",
      "Exit code 1 if a number differs by more than the tolerance.",
      "",
      "JSON fields: cases, maxAbsDiff, worst {case, row, column, expected, actual}, tolerance, ok.",
      "",
      "Example:",
      "  lanewise verify -m models/intents-gpt1 --expected models/intents-gpt1/expected.json"
    })
final class VerifyCommand implements Command {

  @Option(
      names = "--expected",
      paramLabel = "FILE",
      required = true,
      description = "Reference logits, JSON.")
  private String expected = "";

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      converter = NonNegative.class,
      description = "How much a number may differ (default: 1e-4).")
  private double tolerance = 1e-4;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void run(Console console) throws IOException {
    List<Case> cases = ReferenceCases.read(Path.of(expected));
    boolean labels = cases.stream().anyMatch(c -> c.kind() == Kind.LABEL_LOGITS);
    Path path = model.orShipped(labels ? ShippedModel.INTENTS : ShippedModel.LANGUAGE);
    ModelOptions options = Opening.options(common, model).withCalibration(false);
    AtomicInteger done = new AtomicInteger();
    Comparison comparison = new Comparison();
    try (TextClassifier classifier = labels ? TextClassifier.open(path, options) : null;
        TextScorer scorer =
            cases.stream().allMatch(c -> c.kind() == Kind.LABEL_LOGITS)
                ? null
                : TextScorer.open(path, options)) {
      StatusLine.during(
          console,
          common.quiet,
          () -> "verifying: %d of %d".formatted(done.get(), cases.size()),
          () -> {
            for (Case one : cases) {
              compare(comparison, one, classifier, scorer);
              done.incrementAndGet();
            }
            return done;
          });
    }
    boolean ok = comparison.max <= tolerance;
    console.print(
        common.json
            ? json(cases.size(), comparison, ok) + "\n"
            : String.format(
                Locale.ROOT, "%d cases, largest difference %.3g\n", cases.size(), comparison.max));
    if (!ok) {
      throw new IncompatibleCheckpointException(
          "%s, row %d, column %d: %s, expected %s; the difference is %.3g, --tolerance allows %.3g"
              .formatted(
                  comparison.name,
                  comparison.row,
                  comparison.column,
                  comparison.actual,
                  comparison.expected,
                  comparison.max,
                  tolerance));
    }
  }

  private static void compare(
      Comparison comparison,
      Case one,
      @Nullable TextClassifier classifier,
      @Nullable TextScorer scorer)
      throws IOException {
    try {
      if (classifier != null && one.kind() == Kind.LABEL_LOGITS) {
        requireColumns(one, classifier.labels().size(), "labels");
        for (LabelScore score : classifier.classify(one.ids()).scores()) {
          comparison.add(one, 0, score.labelId(), score.logit());
        }
      } else if (scorer != null && one.kind() == Kind.TOKEN_LOGITS) {
        requireColumns(one, scorer.config().vocabSize(), "rows in its embedding");
        int first = one.ids().length - one.rows();
        scorer.logits(
            one.ids(),
            (position, logits) -> {
              for (int i = 0; position >= first && i < logits.length; i++) {
                comparison.add(one, position - first, i, logits[i]);
              }
            });
      } else if (scorer != null) {
        List<TokenScore> tokens = scorer.score(one.ids()).tokens();
        for (int i = 1; i < tokens.size(); i++) {
          comparison.add(one, 0, i - 1, tokens.get(i).logProb().orElse(Double.NaN));
        }
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new InputException(one.name(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireColumns(Case one, int size, String what)
      throws IncompatibleCheckpointException {
    if (one.columns() != size) {
      throw new IncompatibleCheckpointException(
          "%s has %d logits, but the model has %d %s"
              .formatted(one.name(), one.columns(), size, what));
    }
  }

  /** The largest difference so far. */
  private static final class Comparison {

    private double max = -1;
    private String name = "";
    private int row;
    private int column;
    private double expected;
    private double actual;

    void add(Case one, int row, int column, double actual) {
      double expected = one.value(row, column);
      double difference = Math.abs(actual - expected);
      if (Double.isNaN(difference)) {
        difference = Double.POSITIVE_INFINITY;
      }
      if (difference > max) {
        max = difference;
        name = one.name();
        this.row = row;
        this.column = column;
        this.expected = expected;
        this.actual = actual;
      }
    }
  }

  private String json(int cases, Comparison comparison, boolean ok) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("cases").value(cases);
    json.name("maxAbsDiff").value(comparison.max);
    json.name("worst").beginObject();
    json.name("case").value(comparison.name);
    json.name("row").value(comparison.row).name("column").value(comparison.column);
    json.name("expected").value(comparison.expected).name("actual").value(comparison.actual).end();
    json.name("tolerance").value(tolerance);
    json.name("ok").value(ok);
    return json.end().text();
  }
}
