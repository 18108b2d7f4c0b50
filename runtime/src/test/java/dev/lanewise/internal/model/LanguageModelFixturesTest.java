package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.Score;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hidden states, logits, losses and greedy ids of the reference library. */
class LanguageModelFixturesTest {

  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openai-gpt-lm",
        "openai-gpt-lm-fp16",
        "openai-gpt-lm-bf16",
        "openai-gpt-lm-hubstyle",
        "openai-gpt-lm-sharded",
        "openai-gpt-lm-relu-eps",
        "gpt2-lm",
        "gpt2-lm-hubstyle",
        "gpt2-lm-variants"
      })
  void givesTheReferencesAnswers(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    for (int threads = 1; threads <= 2; threads++) {
      ModelOptions options =
          ModelOptions.defaults().withKernels(Kernels.get()).withThreads(threads);
      try (LoadedModel model = LoadedModel.open(fixture.folder(), options, 1)) {
        double states = 0;
        double logits = 0;
        double losses = 0;
        List<JsonObject> cases = fixture.cases("cases");
        assertThat(cases).isNotEmpty();
        for (JsonObject expected : cases) {
          int[] ids = Fixture.ids(expected.required("input_ids"));
          states = Math.max(states, hiddenStateDifference(model, ids, expected));
          logits =
              Math.max(
                  logits,
                  Fixture.maxDifference(
                      allLogits(model, ids), Fixture.floats(expected.required("logits"))));
          losses = Math.max(losses, lossDifference(model, ids, expected));
          int[] greedy = Fixture.ids(expected.required("greedy_new_ids"));
          Generation generation =
              GenerationLoop.run(
                  model,
                  ids,
                  GenerationOptions.greedy().withMaxTokens(greedy.length),
                  piece -> true);
          if (model.config().eosTokenId().isEmpty()) {
            assertThat(generation.tokens()).isEqualTo(Arrays.stream(greedy).boxed().toList());
          } else {
            assertThat(Arrays.stream(greedy).boxed().toList())
                .startsWith(generation.tokens().toArray(Integer[]::new));
          }
        }
        System.out.printf(
            "%s, %d threads, %s: hidden states %.2g, logits %.2g, log-probabilities %.2g%n",
            name, threads, model.backend().name(), states, logits, losses);
        assertThat(states).isLessThan(TOLERANCE);
        assertThat(logits).isLessThan(TOLERANCE);
        assertThat(losses).isLessThan(TOLERANCE);
      }
    }
  }

  private static double hiddenStateDifference(LoadedModel model, int[] ids, JsonObject expected)
      throws IOException {
    List<float[]> states = new ArrayList<>();
    model.call(
        forward -> {
          forward.begin(ids.length, false);
          forward.run(
              ids,
              0,
              ids.length,
              Need.ALL,
              (layer, residual, rows) ->
                  states.add(floats(residual, rows * model.config().nEmbd())));
        });
    JsonArray references = expected.required("hidden_states").asArray();
    assertThat(states).hasSize(references.size());
    double max = 0;
    for (int layer = 0; layer < states.size(); layer++) {
      float[] reference = Fixture.floats(references.get(layer));
      max = Math.max(max, Fixture.maxDifference(states.get(layer), reference));
    }
    return max;
  }

  private static double lossDifference(LoadedModel model, int[] ids, JsonObject expected)
      throws IOException {
    if (ids.length < 2) {
      return 0;
    }
    Score score = ScoringLoop.run(model, ids, 0);
    float[] logProbs = new float[ids.length - 1];
    for (int i = 1; i < ids.length; i++) {
      logProbs[i - 1] = (float) score.tokens().get(i).logProb().orElseThrow();
    }
    assertThat(-score.logProb() / logProbs.length)
        .isCloseTo(expected.required("lm_loss").asDouble(), within(TOLERANCE));
    return Fixture.maxDifference(logProbs, Fixture.floats(expected.required("token_logprobs")));
  }

  @Test
  void givesTheReferencesLogitsAtTheEndOfAFullContext() throws IOException {
    Fixture fixture = Fixture.named("openai-gpt-lm");
    JsonObject expected =
        Json.read(fixture.folder().resolve("expected_full_context.json")).asObject();
    try (LoadedModel model =
        LoadedModel.open(fixture.folder(), ModelOptions.defaults().withKernels(Kernels.get()), 1)) {
      int[] ids = Fixture.ids(expected.required("input_ids"));
      assertThat(ids).hasSize(model.config().nPositions());
      float[] logits = new float[model.config().vocabSize()];
      model.call(
          forward -> {
            forward.begin(ids.length, false);
            forward.runAll(ids, 0, ids.length, Need.LAST, null);
            System.arraycopy(
                floats(forward.lastLogits(), logits.length), 0, logits, 0, logits.length);
          });
      float[] reference = Fixture.floats(expected.required("last_logits"));
      assertThat(Fixture.maxDifference(logits, reference)).isLessThan(TOLERANCE);
    }
  }

  /** One pass, several passes, and token by token; one thread, two and three: the same bits. */
  @ParameterizedTest
  @ValueSource(strings = {"openai-gpt-lm", "gpt2-lm", "gpt2-lm-variants"})
  void givesTheSameBitsHoweverTheTextIsCut(String name) throws IOException {
    Fixture fixture = Fixture.named(name);
    JsonObject expected = fixture.cases("cases").getLast();
    int[] ids = Fixture.ids(expected.required("input_ids"));
    float[] whole = new float[0];
    for (int threads = 1; threads <= 3; threads++) {
      ModelOptions options =
          ModelOptions.defaults().withKernels(Kernels.get()).withThreads(threads);
      try (LoadedModel model = LoadedModel.open(fixture.folder(), options, 1)) {
        for (int step : new int[] {ids.length, 1, 3, 8, 11}) {
          float[] logits = lastLogitsInSteps(model, ids, step);
          if (whole.length == 0) {
            whole = logits;
          }
          assertThat(logits).as("step %d, %d threads", step, threads).isEqualTo(whole);
        }
        float[] all = allLogits(model, ids);
        assertThat(Arrays.copyOfRange(all, all.length - whole.length, all.length)).isEqualTo(whole);
      }
    }
  }

  private static float[] lastLogitsInSteps(LoadedModel model, int[] ids, int step) {
    float[] logits = new float[model.config().vocabSize()];
    model.call(
        forward -> {
          forward.begin(ids.length, true);
          for (int from = 0; from < ids.length; from += step) {
            int to = Math.min(ids.length, from + step);
            forward.run(ids, from, to, to < ids.length ? Need.NONE : Need.LAST, null);
          }
          System.arraycopy(
              floats(forward.lastLogits(), logits.length), 0, logits, 0, logits.length);
        });
    return logits;
  }

  private static float[] allLogits(LoadedModel model, int[] ids) {
    float[] logits = new float[ids.length * model.config().vocabSize()];
    model.call(
        forward -> {
          forward.begin(ids.length, false);
          forward.runAll(ids, 0, ids.length, Need.ALL, null);
          MemorySegment segment = forward.logits(0, ids.length);
          System.arraycopy(floats(segment, logits.length), 0, logits, 0, logits.length);
        });
    return logits;
  }

  private static float[] floats(MemorySegment segment, int count) {
    return segment.asSlice(0, (long) count * Float.BYTES).toArray(ValueLayout.JAVA_FLOAT);
  }
}
