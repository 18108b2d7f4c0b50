package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Classification;
import dev.lanewise.FeatureExtractor;
import dev.lanewise.FittedHead;
import dev.lanewise.HeadOptions;
import dev.lanewise.LabelScore;
import dev.lanewise.TextClassifier;
import dev.lanewise.Truncation;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hidden states, and heads that are fitted to those of the language model that ships. */
class FittedHeadTest {

  private static final Path BASE = Path.of("..", "models", "tiny-gpt1-lm");
  private static final List<String> ANIMALS = List.of("dog", "cat", "bird", "horse", "cow", "fish");
  private static final List<String> FOODS =
      List.of("bread", "cake", "apple", "soup", "cheese", "rice");

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-lm", "openai-gpt-lm"})
  void statesOfEveryLayerAreTheReferences(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    try (FeatureExtractor extractor = FeatureExtractor.open(fixture.folder())) {
      for (JsonObject expected : fixture.cases("cases")) {
        int[] ids = Fixture.ids(expected.required("input_ids"));
        JsonArray references = expected.required("hidden_states").asArray();
        for (int layer = 0; layer <= extractor.layers(); layer++) {
          boolean norm = layer == extractor.layers() && expected.has("after_final_norm");
          float[] reference =
              Fixture.floats(norm ? expected.required("after_final_norm") : references.get(layer));
          float[][] states = extractor.states(ids, layer);
          assertThat(Fixture.maxDifference(flat(states), reference)).isLessThan(1e-4);
          float[] pooled = extractor.pooled(ids, layer, Pooling.LAST_AND_MEAN);
          float[] mean = extractor.pooled(ids, layer, Pooling.MEAN);
          int width = mean.length;
          assertThat(pooled).hasSize(2 * width);
          for (int i = 0; i < width; i++) {
            double sum = 0;
            for (float[] state : states) {
              sum += state[i];
            }
            assertThat(Math.abs(mean[i] - sum / ids.length)).isLessThan(1e-5);
            assertThat(pooled[i]).isEqualTo(states[ids.length - 1][i]);
            assertThat(pooled[width + i]).isEqualTo(mean[i]);
          }
        }
      }
      assertThatThrownBy(() -> extractor.states(new int[] {1}, extractor.layers() + 1))
          .hasMessageContaining("layer must be 0 to ");
    }
  }

  private static float[] flat(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
    }
    return flat;
  }

  private static List<String> texts() {
    List<String> texts = new ArrayList<>();
    ANIMALS.forEach(word -> texts.add("the " + word + " ran away from the little girl"));
    FOODS.forEach(word -> texts.add("mother made some " + word + " for dinner"));
    return texts;
  }

  private static List<String> labels() {
    List<String> labels = new ArrayList<>();
    ANIMALS.forEach(word -> labels.add("animal"));
    FOODS.forEach(word -> labels.add("food"));
    return labels;
  }

  private static FittedHead fit(FeatureExtractor base, HeadOptions options) {
    return FittedHead.fit(base, texts(), labels(), options, line -> {});
  }

  /** Few examples do, and a saved head gives the products of its weights with the states. */
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void aSavedHeadClassifies(Pooling pooling, @TempDir Path dir) throws IOException {
    Path target = dir.resolve("out");
    boolean bias = pooling != Pooling.LAST;
    HeadOptions options = HeadOptions.defaults().withPooling(pooling).withBias(bias);
    try (FeatureExtractor base = FeatureExtractor.open(BASE)) {
      FittedHead head = fit(base, options);
      assertThat(head.labels()).containsExactly("animal", "food");
      assertThat(head.validatedAccuracy()).isGreaterThan(0.8);
      head.save(BASE, target);
      assertThatThrownBy(() -> head.save(BASE, target))
          .isInstanceOf(FileAlreadyExistsException.class);
      Path again = dir.resolve("again");
      fit(base, options).save(BASE, again);
      assertThat(
              Files.mismatch(
                  target.resolve("model.safetensors"), again.resolve("model.safetensors")))
          .isEqualTo(-1);
      try (TextClassifier classifier = TextClassifier.open(target);
          Checkpoint checkpoint = Checkpoint.open(target);
          Arena arena = Arena.ofConfined()) {
        assertThat(checkpoint.tensors().containsKey("score.bias")).isEqualTo(bias);
        assertThat(Files.exists(target.resolve("expected.json"))).isFalse();
        float[] w = floats(checkpoint, "score.weight", arena);
        float[] b = bias ? floats(checkpoint, "score.bias", arena) : new float[2];
        List<float[]> states = base.pooledAll(texts(), base.layers(), pooling, Truncation.ERROR);
        List<Classification> all = classifier.classifyAll(texts(), Truncation.ERROR);
        for (int i = 0; i < all.size(); i++) {
          assertThat(all.get(i)).isEqualTo(classifier.classify(texts().get(i)));
          assertThat(all.get(i).label()).isEqualTo(labels().get(i));
          float[] x = states.get(i);
          for (LabelScore score : all.get(i).scores()) {
            double sum = b[score.labelId()];
            for (int d = 0; d < x.length; d++) {
              sum += (double) w[score.labelId() * x.length + d] * x[d];
            }
            assertThat(Math.abs(score.logit() - sum)).isLessThan(1e-4);
          }
        }
      }
    }
  }

  private static float[] floats(Checkpoint checkpoint, String name, Arena arena)
      throws IOException {
    var floats =
        checkpoint.floats(java.util.Objects.requireNonNull(checkpoint.tensors().get(name)), arena);
    float[] values = new float[floats.length()];
    java.lang.foreign.MemorySegment.copy(
        floats.segment(), OutputHead.FLOAT, floats.offset(), values, 0, values.length);
    return values;
  }

  @Test
  void refusesWhatIsNoTask() throws IOException {
    try (FeatureExtractor base = FeatureExtractor.open(BASE)) {
      List<String> same = List.of("a", "a");
      assertThatThrownBy(
              () ->
                  FittedHead.fit(
                      base, List.of("one", "two"), same, HeadOptions.defaults(), line -> {}))
          .hasMessage("all texts have one label, 'a'; a classifier needs two or more");
      assertThatThrownBy(
              () ->
                  FittedHead.fit(
                      base,
                      List.of("one", " "),
                      List.of("a", "b"),
                      HeadOptions.defaults(),
                      line -> {}))
          .hasMessageContaining("only white space");
      assertThatThrownBy(() -> HeadOptions.defaults().withStrengths(List.of(0.0)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
