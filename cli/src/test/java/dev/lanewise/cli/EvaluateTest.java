package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.TextClassifier;
import dev.lanewise.TextScorer;
import dev.lanewise.Truncation;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code evaluate} and {@code calibrate}. */
class EvaluateTest {

  private static final String TEXTS =
      """
      what is my account balance\tbalance
      see you later\tgoodbye
      hello there\tgoodbye
      tell me a joke\ttell_joke
      """;

  @TempDir private Path dir;

  private Run evaluate(String texts, String... options) throws IOException {
    return run("evaluate", texts, options);
  }

  private Run run(String command, String texts, String... options) throws IOException {
    Path file = Files.writeString(dir.resolve("t.tsv"), texts);
    List<String> all = new ArrayList<>(List.of(command, "--data", file.toString()));
    all.addAll(List.of(options));
    return Run.of(all.toArray(String[]::new));
  }

  private static JsonObject json(Run run) throws IOException {
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    return Json.parse(run.out(), "stdout").asObject();
  }

  @Test
  void measuresTheShippedModel() throws IOException {
    JsonObject json = json(evaluate(TEXTS, "--json", "--lambda", "0.25"));
    assertThat(json.required("examples").asInt()).isEqualTo(4);
    assertThat(json.required("accuracy").asDouble()).isEqualTo(0.75);
    // balance 1, goodbye 2/3, tell_joke 1, greeting 0
    assertThat(json.required("macroF1").asDouble()).isCloseTo(8 / 12.0, within(1e-12));
    double l1 = json.required("l1").asDouble();
    double l2 = json.required("l2").asDouble();
    assertThat(json.required("l3").asDouble()).isCloseTo(l2 + 0.25 * l1, within(1e-12));
    double tokens = 0;
    double labels = 0;
    try (TextClassifier classifier = TextClassifier.open(Path.of(Models.INTENTS));
        TextScorer scorer = TextScorer.open(Path.of(Models.INTENTS))) {
      for (String line : TEXTS.lines().toList()) {
        String[] parts = line.split("\t", -1);
        var score = scorer.score(classifier.encode(parts[0], Truncation.ERROR));
        tokens += score.logProb() / score.scored() / 4;
        for (var label : classifier.classify(parts[0]).scores()) {
          labels += label.label().equals(parts[1]) ? Math.log(label.probability()) / 4 : 0;
        }
      }
    }
    assertThat(l1).isCloseTo(tokens, within(1e-12));
    assertThat(l2).isCloseTo(labels, within(1e-12));
    assertThat(json.required("temperature").asDouble()).isEqualTo(1);
    assertThat(json.required("ece").asDouble())
        .isEqualTo(json.required("eceUncalibrated").asDouble());
    assertThat(json.required("perLabel").asArray().size()).isEqualTo(4);
    JsonObject worst = json.required("confusions").asArray().get(0).asObject();
    assertThat(worst.required("expected").asString()).isEqualTo("goodbye");
    assertThat(worst.required("predicted").asString()).isEqualTo("greeting");
    assertThat(worst.required("count").asInt()).isEqualTo(1);
  }

  @Test
  void drawsTables() throws IOException {
    Run run = evaluate(TEXTS);
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains("accuracy           75.00 %\n", "L3 = L2 + 0.5 L1   -")
        .contains("\nlabel      precision  recall      F1  support\n")
        .contains("\nbalance       1.0000  1.0000  1.0000        1\n")
        .endsWith("\nright      count  given\ngoodbye        1  greeting\n");
  }

  @Test
  void isTheSameForEveryNumberOfThreads() throws IOException {
    assertThat(evaluate(TEXTS, "--threads", "1", "--json").out())
        .isEqualTo(evaluate(TEXTS, "--threads", "3", "--json").out());
  }

  @Test
  void calibratesAndTellsBothErrors() throws IOException {
    String model = Models.withWeights(dir.resolve("m"), Models.weights()).toString();
    JsonObject fitted = json(run("calibrate", TEXTS, "-m", model, "--json"));
    double temperature = fitted.required("temperature").asDouble();
    assertThat(temperature).isGreaterThan(1);
    assertThat(fitted.required("examples").asInt()).isEqualTo(4);
    JsonObject stored = Json.read(dir.resolve("m").resolve("calibration.json")).asObject();
    assertThat(stored.required("temperature").asDouble()).isEqualTo(temperature);
    assertThat(stored.required("data").asString()).isEqualTo("t.tsv");

    JsonObject json = json(evaluate(TEXTS, "-m", model, "--json"));
    assertThat(json.required("temperature").asDouble()).isEqualTo(temperature);
    assertThat(json.required("ece").asDouble())
        .isEqualTo(fitted.required("eceAfter").asDouble(), within(1e-12));
    assertThat(json.required("eceUncalibrated").asDouble())
        .isEqualTo(fitted.required("eceBefore").asDouble(), within(1e-12));
    assertThat(json.required("l2").asDouble())
        .isEqualTo(fitted.required("logLikelihoodAfter").asDouble(), within(1e-12));
    assertThat(evaluate(TEXTS, "-m", model).out()).contains("\n  uncalibrated ", "\ntemperature ");
    assertThat(evaluate(TEXTS, "-m", model, "--no-calibration", "--json").out())
        .isEqualTo(evaluate(TEXTS, "--json").out());

    assertThat(Run.of("classify", "hello there", "-m", model, "--no-calibration").out())
        .isEqualTo(Run.of("classify", "hello there").out())
        .isNotEqualTo(Run.of("classify", "hello there", "-m", model).out());
    // Again: from the plain logits, not on top of the first.
    JsonObject again = json(run("calibrate", TEXTS, "-m", model, "--json"));
    assertThat(again.required("temperature").asDouble()).isEqualTo(temperature);
  }

  @Test
  void refusesInOneLine() throws IOException {
    assertRefused(evaluate(""), "has no line with a text, a tab and a label");
    assertRefused(evaluate("hello\n"), "line 1 of ", "expected a text, a tab and a label");
    assertRefused(evaluate("\tgreeting\nsee you\tgoodbye\n"), "line 1 of ", "expected a text");
    assertRefused(evaluate("hi\tgreeting\n  \tgoodbye\n"), "line 2 of ", "only white space");
    assertRefused(
        evaluate("hi\tgreeting\nbye\tadieu\n"), "line 2 of ", "'adieu' is none of the model's");
    assertRefused(
        evaluate("hi\tgreeting\nhello\tgreeting\n"), "all 2 texts have the label 'greeting'");
    assertRefused(evaluate(TEXTS, "-m", Models.LANGUAGE), "no tensor 'score.weight'");
    assertRefused(
        evaluate("a".repeat(9000) + "\tgreeting\nbye\tgoodbye\n"), "line 1 of ", "tokens");
    assertThat(
            evaluate("a".repeat(9000) + "\tgreeting\nbye\tgoodbye\n", "--truncation", "end").exit())
        .isZero();
    assertRefused(Run.of("evaluate", "--data", dir.resolve("none").toString()), "no such file");
    String model = Models.withWeights(dir.resolve("m"), Models.weights()).toString();
    assertRefused(
        run("calibrate", "hello\tgreeting\nsee you later\tgoodbye\n", "-m", model),
        "right on every text");
    assertThat(dir.resolve("m").resolve("calibration.json")).doesNotExist();
  }

  private static void assertRefused(Run run, String... parts) {
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).hasLineCount(1).startsWith("lanewise: ").contains(parts);
  }

  @Test
  void wantsToKnowWhichModelToCalibrate() throws IOException {
    Run run = run("calibrate", TEXTS);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("missing required option: '--model=PATH'");
  }

  @Test
  void saysWhereItAbstains() throws IOException {
    assertThat(Run.of("classify", "hello", "--min-probability", "1").out())
        .matches("greeting +[0-9.]+ %  \\(abstained\\)\n");
    assertThat(Run.of("classify", "hello", "--min-probability", "0.5").out())
        .matches("greeting +[0-9.]+ %\n");
    JsonObject json = json(Run.of("classify", "hello", "--json", "--min-probability", "1"));
    assertThat(json.required("abstained").asBoolean()).isTrue();
    assertThat(json(Run.of("classify", "hello", "--json")).has("abstained")).isFalse();
  }
}
