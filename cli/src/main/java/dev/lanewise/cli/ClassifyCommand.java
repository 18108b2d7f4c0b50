package dev.lanewise.cli;

import dev.lanewise.Backend;
import dev.lanewise.Classification;
import dev.lanewise.ContextLengthException;
import dev.lanewise.Explanation;
import dev.lanewise.Explanation.Word;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
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

  @Mixin private final InputOptions input = InputOptions.withPairs();
  @Mixin private final BatchOptions batch = new BatchOptions();
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--top",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "The N best labels (default: 1; with --json all, with --input 1).")
  private @Nullable Integer top;

  @Option(
      names = "--pair",
      paramLabel = "TEXT",
      description = "A second text: what the first may entail, or is like.")
  private @Nullable String pair;

  @Option(
      names = "--choices",
      paramLabel = "ANSWER",
      arity = "1..*",
      description = "Answers, one of which is right after TEXT.")
  private @Nullable List<String> choices;

  @Mixin private final ClassifierFlags flags = new ClassifierFlags();

  @Option(
      names = "--min-probability",
      paramLabel = "P",
      converter = Probability.class,
      description = "Abstain where the best label's probability is below P, 0 to 1.")
  private @Nullable Double minProbability;

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
    if (pair != null && choices != null) {
      throw new UsageException("--pair and --choices exclude each other");
    }
    if ((pair != null || choices != null) && (file || input.hasIds())) {
      throw new UsageException("--pair and --choices need a TEXT");
    }
    if (explains() && (pair != null || choices != null)) {
      throw new UsageException("--explain is for single texts");
    }
    if (explains() && (file || input.hasIds())) {
      throw new UsageException("--explain is for texts that are given as arguments or on stdin");
    }
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.INTENTS);
    try (TextClassifier classifier =
        Opening.open(
            console, common, path, options(), o -> TextClassifier.open(path, o, flags.options()))) {
      if (batch.input != null) {
        new BatchRun(
                console,
                batch,
                common.quiet,
                in -> classify(classifier, in),
                result -> printer().json(result, null).end().text(),
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
            : printer().table(result, in.label(), input.many(texts), console)
                + (explanation == null ? "" : words(explanation, console)));
  }

  private Explanation explain(TextClassifier classifier, Input in, Console console)
      throws IOException {
    String text = in.text();
    if (text == null || in.context() != null || in.pair() != null || in.choices() != null) {
      throw new IllegalArgumentException("--explain is for single texts");
    }
    return StatusLine.during(
        console,
        common.quiet,
        "explaining",
        () -> new WordEffects(classifier).explain(text, flags.truncation()));
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
    ModelOptions options = Opening.options(common, model).withCalibration(flags.calibrated());
    return batch.input == null ? options : options.withThreads(1);
  }

  private ClassificationPrinter printer() {
    return new ClassificationPrinter(top, minProbability);
  }

  private Classification classify(TextClassifier classifier, Input in) {
    if (in.context() != null) {
      throw new IllegalArgumentException("field 'context' is for 'score'");
    }
    String text = in.text();
    if (text == null) {
      return classifier.classify(in.ids());
    }
    List<String> answers = in.choices() == null ? choices : in.choices();
    String second = in.pair() == null ? pair : in.pair();
    try {
      if (answers != null) {
        return classifier.choose(text, answers, flags.truncation());
      }
      return second == null
          ? classifier.classify(text, flags.truncation())
          : classifier.classify(text, second, flags.truncation());
    } catch (ContextLengthException e) {
      throw new IllegalArgumentException(
          e.getMessage() + "; shorten it or choose a --truncation", e);
    }
  }

  private String json(Classification result, Backend backend, @Nullable Explanation explanation) {
    JsonWriter json = printer().json(result, backend);
    if (explanation != null) {
      json.name("effects").beginArray();
      for (Word word : explanation.words()) {
        json.beginObject().name("word").value(word.text());
        json.name("effect").value(word.effect().orElse(Double.NaN)).end();
      }
      json.end();
    }
    return json.end().text();
  }
}
