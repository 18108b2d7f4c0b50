package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Classification;
import dev.lanewise.ClassifierOptions;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.Task;
import dev.lanewise.TextClassifier;
import dev.lanewise.Truncation;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The four input transformations of the paper, and heads that score answers. */
class PaperTasksTest {

  private static final ClassifierOptions TOKENS =
      ClassifierOptions.defaults().withTokens("<start>", "<delim>", "<extract>");
  private static final ModelOptions OPTIONS = ModelOptions.defaults().withKernels(Kernels.get());

  private static Fixture fixture() throws IOException {
    return Fixture.named("openai-gpt-paper-tasks");
  }

  private static TextClassifier open(@Nullable Task task) throws IOException {
    return TextClassifier.open(fixture().folder(), OPTIONS, TOKENS.withTask(task));
  }

  private static void assertScores(Classification actual, JsonObject expected) throws IOException {
    float[] logits = Fixture.floats(expected.required("logits"));
    float[] probabilities = Fixture.floats(expected.required("probabilities"));
    List<LabelScore> byId =
        actual.scores().stream().sorted(Comparator.comparingInt(LabelScore::labelId)).toList();
    assertThat(byId).hasSize(logits.length);
    for (LabelScore score : byId) {
      assertThat(Math.abs(score.logit() - logits[score.labelId()])).isLessThan(1e-4f);
      assertThat(Math.abs(score.probability() - probabilities[score.labelId()])).isLessThan(1e-4);
      assertThat(Math.exp(score.logProbability()))
          .isCloseTo(score.probability(), org.assertj.core.data.Offset.offset(1e-12));
    }
  }

  @Test
  void classifiesBetweenStartAndExtract() throws IOException {
    try (TextClassifier classifier = open(Task.CLASSIFICATION)) {
      for (JsonObject expected : fixture().cases("classification")) {
        Classification actual = classifier.classify(expected.required("text").asString());
        assertScores(actual, expected);
        assertThat(actual.label()).isEqualTo(expected.required("label").asString());
        assertThat(actual.tokens()).isEqualTo(Fixture.ids(expected.required("ids")).length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void entailmentJoinsByTheDelimiter(boolean said) throws IOException {
    try (TextClassifier classifier = open(said ? Task.ENTAILMENT : null)) {
      for (JsonObject expected : fixture().cases("entailment")) {
        Classification actual =
            classifier.classify(
                expected.required("premise").asString(),
                expected.required("hypothesis").asString(),
                Truncation.ERROR);
        assertScores(actual, expected);
        assertThat(actual.label()).isEqualTo(expected.required("label").asString());
      }
    }
  }

  @Test
  void similarityAddsTheStatesOfBothOrders() throws IOException {
    try (TextClassifier classifier = open(Task.SIMILARITY)) {
      for (JsonObject expected : fixture().cases("similarity")) {
        String a = expected.required("text_a").asString();
        String b = expected.required("text_b").asString();
        Classification actual = classifier.classify(a, b, Truncation.ERROR);
        assertScores(actual, expected);
        // The order of the texts changes the order of one sum of two, and so no bit.
        assertThat(classifier.classify(b, a, Truncation.ERROR)).isEqualTo(actual);
      }
    }
  }

  @Test
  void choosesAmongAnswers() throws IOException {
    try (TextClassifier classifier = open(Task.MULTIPLE_CHOICE)) {
      for (JsonObject expected : fixture().cases("multiple_choice")) {
        List<String> answers = new ArrayList<>();
        for (JsonValue answer : expected.required("answers").asArray()) {
          answers.add(answer.asString());
        }
        Classification actual =
            classifier.choose(expected.required("context").asString(), answers, Truncation.ERROR);
        assertScores(actual, expected);
        assertThat(actual.labelId()).isEqualTo(expected.required("choice").asInt());
        assertThat(actual.label()).isEqualTo(answers.get(actual.labelId()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai-gpt-doubleheads", "gpt2-doubleheads"})
  void aHeadForAnswersScoresTheLastToken(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    JsonObject expected = fixture.expected();
    float[] probabilities = Fixture.floats(expected.required("mc_probabilities"));
    float[] logits = Fixture.floats(expected.required("mc_logits"));
    try (TextClassifier classifier = TextClassifier.open(fixture.folder(), OPTIONS)) {
      assertThat(classifier.labels()).isEmpty();
      classifier.warmUp();
      for (int row = 0; row < 2; row++) {
        int[] lengths = Fixture.ids(expected.required("lengths").asArray().get(row));
        int[] first = ids(expected, row, 0, lengths[0]);
        int[] second = ids(expected, row, 1, lengths[1]);
        Classification actual = classifier.choose(List.of(first, second));
        for (LabelScore score : actual.scores()) {
          int at = 2 * row + score.labelId();
          assertThat(Math.abs(score.logit() - logits[at])).isLessThan(1e-4f);
          assertThat(Math.abs(score.probability() - probabilities[at])).isLessThan(1e-4);
        }
      }
      assertThatThrownBy(() -> classifier.classify(new int[] {1}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("scores answers; it has no labels");
    }
  }

  private static int[] ids(JsonObject expected, int row, int choice, int length)
      throws IOException {
    int[] padded =
        Fixture.ids(expected.required("input_ids").asArray().get(row).asArray().get(choice));
    return java.util.Arrays.copyOf(padded, length);
  }

  @Test
  void theConfigMaySayTaskAndTokens(@TempDir Path dir) throws IOException {
    Path model = copy(dir);
    Path config = model.resolve("config.json");
    String said = Files.readString(config).strip();
    String own =
        ", \"lanewise\": {\"task\": \"similarity\", \"start_token\": \"<start>\","
            + " \"delimiter_token\": \"<delim>\", \"extract_token\": \"202\"}}";
    Files.writeString(config, said.substring(0, said.length() - 1) + own);
    JsonObject expected = fixture().cases("similarity").getFirst();
    String a = expected.required("text_a").asString();
    String b = expected.required("text_b").asString();
    try (TextClassifier classifier = TextClassifier.open(model, OPTIONS)) {
      assertThat(classifier.task()).contains(Task.SIMILARITY);
      assertScores(classifier.classify(a, b, Truncation.ERROR), expected);
      assertThatThrownBy(() -> classifier.classify(a))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the model's task is similarity, not classification");
    }
    Files.writeString(config, Files.readString(config).replace("similarity", "translation"));
    assertThatThrownBy(() -> TextClassifier.open(model, OPTIONS))
        .hasMessageContaining("the config's task is 'translation'");
    Files.writeString(config, Files.readString(config).replace("start_token", "begin_token"));
    assertThatThrownBy(() -> TextClassifier.open(model, OPTIONS))
        .hasMessageContaining("'lanewise.begin_token' is not known");
  }

  private static Path copy(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(fixture().folder())) {
      for (Path file : files.toList()) {
        Files.copy(file, dir.resolve(Objects.requireNonNull(file.getFileName())));
      }
    }
    return dir;
  }

  @Test
  void asksForTheTokensThatNobodyNamed() throws IOException {
    try (TextClassifier classifier = TextClassifier.open(fixture().folder(), OPTIONS)) {
      assertThatThrownBy(() -> classifier.classify("a", "b", Truncation.ERROR))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("name a delimiter token");
      assertThatThrownBy(() -> classifier.choose("a", List.of("b"), Truncation.ERROR))
          .hasMessageContaining("name a delimiter token");
    }
    assertThatThrownBy(
            () ->
                TextClassifier.open(
                    fixture().folder(), OPTIONS, TOKENS.withTokens("<begin>", null, null)))
        .hasMessageContaining("the start token '<begin>' is no token of the vocabulary");
    assertThatThrownBy(
            () ->
                TextClassifier.open(
                    fixture().folder(), OPTIONS, TOKENS.withTokens("203", null, null)))
        .hasMessageContaining("nor an id below 203");
  }

  @Test
  void refusesEmptyParts() throws IOException {
    try (TextClassifier classifier = open(null)) {
      assertThatThrownBy(() -> classifier.classify("a", "", Truncation.ERROR))
          .hasMessage("the second text is empty");
      assertThatThrownBy(() -> classifier.classify("  ", "a", Truncation.ERROR))
          .hasMessage("the first text has no tokens, only white space");
      assertThatThrownBy(() -> classifier.choose("a", List.of("b", " "), Truncation.ERROR))
          .hasMessage("the answer has no tokens, only white space");
      assertThatThrownBy(() -> classifier.choose("a", List.of(), Truncation.ERROR))
          .hasMessage("there are no answers to choose from");
      assertThatThrownBy(() -> classifier.choose("a", List.of("b"), Truncation.WINDOWS))
          .hasMessageContaining("windows are for one text");
    }
  }
}
