package dev.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {

  private static final Path CLASSIFIER = Path.of("src/test/resources/models/openai-gpt-clf");
  private static final int[] IDS = {181, 25, 83, 193, 22};

  @TempDir private Path folder;

  private static Classification answer(float... logits) {
    List<LabelScore> scores = new ArrayList<>();
    for (int id = 0; id < logits.length; id++) {
      scores.add(new LabelScore("label " + id, id, logits[id], Double.NaN, Double.NaN));
    }
    scores.sort(Comparator.comparingDouble(LabelScore::logit).reversed());
    return new Classification(scores, 1, false, 1);
  }

  /** Of four texts with logits (x, 0) three are right: best where 1 / (1 + exp(-x/T)) = 3/4. */
  @Test
  void findsTheTemperatureThatIsKnown() {
    for (double known : new double[] {0.05, 0.5, 1, 2, 30}) {
      float x = (float) (known * Math.log(3));
      Calibration calibration =
          Calibration.fit(
              List.of(answer(x, 0), answer(0, x), answer(x, 0), answer(x, 0)),
              new int[] {0, 1, 0, 1});
      assertThat(calibration.temperature()).isCloseTo(known, within(1e-6 * known));
      assertThat(calibration.examples()).isEqualTo(4);
      assertThat(calibration.logLikelihoodAfter())
          .isCloseTo(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25), within(1e-9))
          .isGreaterThanOrEqualTo(calibration.logLikelihoodBefore());
      assertThat(calibration.errorAfter()).isCloseTo(0, within(1e-6));
      assertThat(calibration.errorBefore())
          .isCloseTo(Math.abs(0.75 - 1 / (1 + Math.exp(-x))), within(1e-9));
    }
  }

  @Test
  void saysWhyNoTemperatureFits() {
    assertThatThrownBy(() -> Calibration.fit(List.of(answer(2, 0), answer(0, 3)), new int[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("right on every text");
    assertThatThrownBy(() -> Calibration.fit(List.of(answer(2, 0), answer(0, 3)), new int[] {1, 0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("chance or worse");
    assertThatThrownBy(() -> Calibration.fit(List.of(), new int[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Calibration.fit(List.of(answer(2, 0)), new int[] {2}))
        .hasMessage("label id 2 of text 1 is out of range, the answer has 2 labels");
  }

  private Path classifier() throws IOException {
    try (Stream<Path> files = Files.list(CLASSIFIER)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    return folder;
  }

  @Test
  void changesProbabilitiesAndNothingElse() throws IOException {
    Classification before;
    try (TextClassifier plain = TextClassifier.open(CLASSIFIER)) {
      before = plain.classify(IDS);
      assertThat(plain.temperature()).isEqualTo(1);
    }
    new Calibration(2.5, 10, -2, -1, 0.2, 0.1).write(classifier(), "held-out.tsv");
    try (TextClassifier calibrated = TextClassifier.open(folder)) {
      Classification after = calibrated.classify(IDS);
      assertThat(calibrated.temperature()).isEqualTo(2.5);
      double sum = after.scores().stream().mapToDouble(s -> Math.exp(s.logit() / 2.5)).sum();
      for (int i = 0; i < after.scores().size(); i++) {
        LabelScore score = after.scores().get(i);
        assertThat(score.label()).isEqualTo(before.scores().get(i).label());
        assertThat(score.logit()).isEqualTo(before.scores().get(i).logit());
        assertThat(score.probability())
            .isCloseTo(Math.exp(score.logit() / 2.5) / sum, within(1e-12));
      }
      assertThat(Calibration.probability(after, 1)).isCloseTo(before.probability(), within(1e-12));
      assertThat(Calibration.probability(before, 2.5))
          .isCloseTo(after.probability(), within(1e-12));
    }
    ModelOptions ignoring = ModelOptions.defaults().withCalibration(false);
    try (TextClassifier plain = TextClassifier.open(folder, ignoring)) {
      assertThat(plain.classify(IDS)).isEqualTo(before);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.json", "expected.json", "model.safetensors", "calibration.json");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"temperature\": 0}",
        "{\"temperature\": -1}",
        "{\"temperature\": 1e-400}",
        "{\"temperature\": 1e400}",
        "{\"temperature\": 101}",
        "{\"temperature\": NaN}",
        "{\"temperature\": \"1\"}",
        "{\"temperature\": null}",
        "{}",
        "[1]",
        "",
        "{\"temperature\": 1"
      })
  void refusesATemperatureThatIsNone(String json) throws IOException {
    Files.writeString(classifier().resolve(Calibration.FILE_NAME), json);
    assertThatThrownBy(() -> TextClassifier.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("calibration.json");
    TextClassifier.open(folder, ModelOptions.defaults().withCalibration(false)).close();
  }

  @Test
  void refusesATemperatureForAHeadWithoutSoftmax() throws IOException {
    Path config = classifier().resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\\{", "{\"problem_type\": \"multi_label_classification\","));
    new Calibration(2, 10, -2, -1, 0.2, 0.1).write(folder, "held-out.tsv");
    assertThatThrownBy(() -> TextClassifier.open(folder))
        .isInstanceOf(IncompatibleCheckpointException.class)
        .hasMessageContaining("calibration.json");
  }

  @Test
  void abstainsBelowAProbability() {
    Classification sure =
        new Classification(List.of(new LabelScore("a", 0, 1, Math.log(0.75), 0.75)), 1, false, 1);
    assertThat(sure.abstains(0.75)).isFalse();
    assertThat(sure.abstains(Math.nextUp(0.75))).isTrue();
    assertThat(sure.abstains(0)).isFalse();
    assertThatThrownBy(() -> sure.abstains(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> answer(1).abstains(0.5)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void scoresTheSequenceThatItClassifies() throws IOException {
    Path shipped = Path.of("..", "models", "intents-gpt1");
    String text = "move fifty dollars to my savings";
    try (TextClassifier classifier = TextClassifier.open(shipped);
        TextScorer scorer = TextScorer.open(shipped)) {
      assertThat(scorer.hasLanguageModel()).isTrue();
      Score score = scorer.score(classifier.encode(text, Truncation.ERROR));
      assertThat(score).isEqualTo(scorer.score(text));
      assertThat(score.tokens()).hasSize(classifier.classify(text).tokens());
      assertThat(classifier.encode(text)).isEqualTo(classifier.encode(text, Truncation.ERROR));
    }
  }

  @Test
  void saysWhenThereIsNoLanguageModel() throws IOException {
    Path config = classifier().resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false"));
    try (TextScorer scorer = TextScorer.open(folder)) {
      assertThat(scorer.hasLanguageModel()).isFalse();
    }
  }
}
