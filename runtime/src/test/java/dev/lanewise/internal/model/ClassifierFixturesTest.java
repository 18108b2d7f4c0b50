package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Classification;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logits and labels of the reference library. */
class ClassifierFixturesTest {

  @ParameterizedTest
  @ValueSource(strings = {"openai-gpt-clf", "gpt2-clf"})
  void classifiesIdsAsTheReferenceDoes(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    try (TextClassifier classifier =
        TextClassifier.open(fixture.folder(), ModelOptions.defaults().withKernels(Kernels.get()))) {
      double max = 0;
      for (JsonObject expected : fixture.cases("single")) {
        Classification actual = classifier.classify(Fixture.ids(expected.required("input_ids")));
        assertThat(actual.label()).isEqualTo(expected.required("label").asString());
        max = Math.max(max, difference(actual, expected, "logits"));
        float[] probabilities = Fixture.floats(expected.required("probabilities"));
        for (LabelScore score : actual.scores()) {
          max = Math.max(max, Math.abs(score.probability() - probabilities[score.labelId()]));
        }
      }
      System.out.printf("%s: logits and probabilities %.2g%n", name, max);
      assertThat(max).isLessThan(1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai-gpt-clf", "gpt2-clf"})
  void readsTheLastTokenThatIsNotPadding(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    try (TextClassifier classifier =
        TextClassifier.open(fixture.folder(), ModelOptions.defaults().withKernels(Kernels.get()))) {
      JsonObject batch = fixture.expected().required("batch_right_padded").asObject();
      float[] logits = Fixture.floats(batch.required("logits"));
      int labels = classifier.labels().size();
      for (int row = 0; row < logits.length / labels; row++) {
        int[] ids = Fixture.ids(batch.required("input_ids").asArray().get(row));
        float[] actual = logits(classifier.classify(ids));
        float[] expected = Arrays.copyOfRange(logits, row * labels, (row + 1) * labels);
        assertThat(Fixture.maxDifference(actual, expected)).isLessThan(1e-4);
      }
    }
  }

  @Test
  void classifiesTextsWithTheModelThatShips() throws IOException {
    Fixture fixture = Fixture.shipped("intents-gpt1");
    try (TextClassifier classifier =
        TextClassifier.open(fixture.folder(), ModelOptions.defaults().withKernels(Kernels.get()))) {
      double max = 0;
      for (JsonObject expected : fixture.cases("examples")) {
        Classification actual = classifier.classify(expected.required("text").asString());
        assertThat(actual.label()).isEqualTo(expected.required("label").asString());
        assertThat(actual.tokens()).isEqualTo(Fixture.ids(expected.required("input_ids")).length);
        max = Math.max(max, difference(actual, expected, "logits"));
      }
      System.out.printf("intents-gpt1: logits %.2g%n", max);
      assertThat(max).isLessThan(1e-4);
    }
  }

  private static double difference(Classification actual, JsonObject expected, String name)
      throws IOException {
    return Fixture.maxDifference(logits(actual), Fixture.floats(expected.required(name)));
  }

  private static float[] logits(Classification classification) {
    float[] logits = new float[classification.scores().size()];
    classification.scores().stream()
        .sorted(Comparator.comparingInt(LabelScore::labelId))
        .forEach(score -> logits[score.labelId()] = score.logit());
    return logits;
  }
}
