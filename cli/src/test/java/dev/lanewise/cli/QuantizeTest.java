package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.lanewise.TextClassifier;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeTest {

  private static final String TEXTS =
      """
      what is my account balance\tbalance
      please move fifty dollars into my savings account\ttransfer
      see you later\tgoodbye
      """;

  @TempDir private Path dir;

  private Path tsv(String text) throws IOException {
    return Files.writeString(dir.resolve("labelled.tsv"), text);
  }

  private String target() {
    return dir.resolve("out").toString();
  }

  private Run quantize(String type, String... options) {
    List<String> all = new ArrayList<>(List.of("quantize", "--to", type, "--out", target()));
    all.addAll(List.of(options));
    return Run.of(all.toArray(String[]::new));
  }

  @Test
  void writesAFolderThatClassifies() throws IOException {
    Run run = quantize("q8_0");
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(run.out()).matches(".*out: q8_0, [0-9,]+ bytes, 0\\.5[0-9] of before\n");
    assertThat(Run.of("classify", "-m", target(), "what is my account balance").out())
        .startsWith("balance ");
    assertThat(Run.of("inspect", target()).out()).contains("Q8_0").doesNotContain("quantized:");
    long before = Files.size(Path.of(Models.INTENTS, "model.safetensors"));
    assertThat(Files.size(dir.resolve("out").resolve("model.safetensors")))
        .isLessThan(before * 6 / 10);
  }

  @Test
  void storesWhatItMeasured() throws IOException {
    Run run = quantize("q8_0", "--check", tsv(TEXTS).toString());
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).contains("as it is: accuracy 100.00 %", "Q8_0: accuracy 100.00 %");
    assertThat(Run.of("inspect", target()).out())
        .contains("quality.accuracy_after", "1.000000", "quality.log_likelihood_before");
  }

  @Test
  void saysSoInJson() throws IOException {
    Run run = quantize("i8a8", "--json", "--check", tsv(TEXTS).toString());
    assertThat(run.exit()).as(run.err()).isZero();
    JsonObject json = Json.parse(run.out(), "stdout").asObject();
    assertThat(json.members().keySet())
        .containsExactly(
            "bytesBefore",
            "bytesAfter",
            "accuracyBefore",
            "logLikelihoodBefore",
            "accuracyAfter",
            "logLikelihoodAfter",
            "labelAgreement",
            "in16Bits");
    assertThat(Run.of("inspect", target()).out()).contains("I8A8");
    assertThat(Run.of("classify", "-m", target(), "what is my account balance").out())
        .startsWith("balance ");
  }

  /** Texts that mean little, whose labels four bits change: some parts stay in 16 bits. */
  @Test
  void keepsWhatIsSensitiveIn16Bits() throws IOException {
    String[] words = {"card", "meeting", "song", "insurance", "flight", "taxes", "oil", "spell"};
    List<String> texts = new ArrayList<>();
    for (String a : words) {
      for (String b : words) {
        texts.add(a + " why " + b);
      }
    }
    StringBuilder labelled = new StringBuilder();
    try (TextClassifier classifier = TextClassifier.open(Path.of(Models.INTENTS))) {
      texts.forEach(
          text ->
              labelled
                  .append(text)
                  .append('\t')
                  .append(classifier.classify(text).label())
                  .append('\n'));
    }
    Run run = quantize("q4_0", "--max-drop", "0", "--check", tsv(labelled.toString()).toString());
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains(" in 16 bits, ");
  }

  private static final String STORIES =
      """
      one day a little girl went to the park with her mother

      the children were happy and played until the sun went down
      """;

  @Test
  void holdsLanguageModelsToTheirPerplexity() throws IOException {
    String texts = tsv(STORIES).toString();
    Run run = quantize("i8", "--json", "-m", Models.LANGUAGE, "--check", texts);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).contains("as it is: perplexity ", "I8: perplexity ");
    JsonObject json = Json.parse(run.out(), "stdout").asObject();
    assertThat(json.members().keySet())
        .containsExactly(
            "bytesBefore",
            "bytesAfter",
            "perplexityBefore",
            "logLikelihoodBefore",
            "perplexityAfter",
            "logLikelihoodAfter",
            "in16Bits");
    double before = json.required("perplexityBefore").asDouble();
    assertThat(json.required("perplexityAfter").asDouble())
        .isNotEqualTo(before)
        .isCloseTo(before, withPercentage(0.5));
    double score =
        Json.parse(
                Run.of(
                        "score",
                        "--json",
                        "-m",
                        Models.LANGUAGE,
                        "one day a little girl went to the park with her mother")
                    .out(),
                "stdout")
            .asObject()
            .required("perplexity")
            .asDouble();
    assertThat(before).isBetween(1.0, 10 * score);
    assertThat(Run.of("inspect", target()).out()).contains("quality.perplexity_after");
  }

  /** Its parts are in 16 bits in the file already, so with all of them kept nothing is lost. */
  @Test
  void keepsWhatALanguageModelNeedsIn16Bits() throws IOException {
    String texts = tsv(STORIES).toString();
    Run run = quantize("q4_0", "-m", Models.LANGUAGE, "--max-drop", "0.1", "--check", texts);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).contains(" in 16 bits, ");
    assertThat(quantize("i8", "-m", Models.LANGUAGE, "--check", tsv(" \n").toString()).err())
        .contains("has no text")
        .hasLineCount(1);
  }

  @Test
  void refusesWhatItCannotDo() throws IOException {
    assertThat(quantize("q2_k"))
        .satisfies(run -> assertThat(run.exit()).isEqualTo(2))
        .satisfies(
            run ->
                assertThat(run.err())
                    .contains("expected q8_0, q4_0, i8, i8a8, f16 or bf16, found 'q2_k'"));
    assertThat(Run.of("quantize", "--to", "i8", "--out", Models.INTENTS).err())
        .contains("there is something already")
        .hasLineCount(1);
    assertThat(quantize("q8_0", "--check", tsv("hello\tno_such_label\n").toString()).err())
        .contains("line 1 of ", "the label 'no_such_label' is none of the model's");
    assertThat(quantize("q8_0", "--check", tsv("no tab\n").toString()).err())
        .contains("line 1 of ", "expected a text, a tab and a label");
    assertThat(quantize("q8_0", "-m", dir.resolve("nowhere").toString()).exit()).isEqualTo(1);
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).containsExactly(dir.resolve("labelled.tsv"));
    }
  }
}
