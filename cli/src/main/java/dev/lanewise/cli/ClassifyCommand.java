package dev.lanewise.cli;

import dev.lanewise.Classification;
import dev.lanewise.ContextLengthException;
import dev.lanewise.TextClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
      "tokens, truncated, windows, backend.",
      "",
      "Examples:",
      "  lanewise classify \"please move fifty dollars into my savings account\" --top 3",
      "  lanewise classify - --json < texts.txt"
    })
final class ClassifyCommand implements Command {

  @Parameters(paramLabel = "TEXT", arity = "0..*", description = "Texts, or '-' for stdin.")
  private List<String> texts = List.of();

  @Mixin private final InputOptions input = InputOptions.withPairs();
  @Mixin private final ModelOption model = new ModelOption();

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
      names = "--top",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "The N best labels (default: 1; with --json all).")
  private @Nullable Integer top;

  @Option(
      names = "--min-probability",
      paramLabel = "P",
      converter = Probability.class,
      description = "Abstain where the best label is less probable: 0 to 1.")
  private double minProbability;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void check() {
    input.check(texts, "TEXT");
    if (pair != null && choices != null) {
      throw new UsageException("--pair and --choices exclude each other");
    }
    if ((pair != null || choices != null) && input.hasIds()) {
      throw new UsageException("--pair and --choices need a TEXT, not --ids");
    }
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.INTENTS);
    ClassificationPrinter printer = new ClassificationPrinter(top, minProbability);
    try (TextClassifier classifier =
        Opening.open(
            console, common, model, path, o -> TextClassifier.open(path, o, flags.options()))) {
      input.forEach(
          texts,
          console,
          in -> {
            Classification result = classify(classifier, in);
            console.print(
                common.json
                    ? printer.json(result, classifier.backend()).end().text() + "\n"
                    : printer.table(result, in.label(), input.many(texts), console));
          });
    }
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
}
