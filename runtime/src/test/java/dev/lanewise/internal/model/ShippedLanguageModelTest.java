package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.FinishReason;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.Score;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShippedLanguageModelTest {

  @Test
  void continuesAndScoresTextsAsTheReferenceDoes() throws IOException {
    Fixture fixture = Fixture.shipped("tiny-gpt1-lm");
    try (LoadedModel model =
        LoadedModel.open(fixture.folder(), ModelOptions.defaults().withKernels(Kernels.get()), 2)) {
      double max = 0;
      for (JsonObject expected : fixture.cases("examples")) {
        int[] prompt = model.tokenizer().encode(expected.required("prompt").asString());
        assertThat(prompt).isEqualTo(Fixture.ids(expected.required("input_ids")));
        int[] greedy = Fixture.ids(expected.required("greedy_ids"));
        StringBuilder heard = new StringBuilder();
        Generation generation =
            GenerationLoop.run(
                model,
                prompt,
                GenerationOptions.greedy().withMaxTokens(greedy.length),
                piece -> {
                  heard.append(piece);
                  return true;
                });
        assertThat(generation.tokens()).isEqualTo(Arrays.stream(greedy).boxed().toList());
        assertThat(generation.text().strip()).isEqualTo(expected.required("text").asString());
        assertThat(heard).hasToString(generation.text());
        assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
        int[] all = IntStream.concat(Arrays.stream(prompt), Arrays.stream(greedy)).toArray();
        Score score = ScoringLoop.run(model, all, 0);
        float[] reference = Fixture.floats(expected.required("token_logprobs"));
        for (int i = 0; i < reference.length; i++) {
          double logProb = score.tokens().get(i + 1).logProb().orElseThrow();
          max = Math.max(max, Math.abs(logProb - reference[i]));
        }
      }
      System.out.printf("tiny-gpt1-lm: log-probabilities %.2g%n", max);
      assertThat(max).isLessThan(1e-4);
    }
  }
}
