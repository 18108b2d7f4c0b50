package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextGenerator;
import dev.lanewise.Tokenizer;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same weights in other containers than safetensors: the reference's logits, the same bits. */
class ContainerFixturesTest {

  private static final Path FOLDER = Path.of("..", "loader", "src", "test", "resources", "models");
  private static final double TOLERANCE = 1e-4;
  private static final ModelOptions OPTIONS = ModelOptions.defaults().withKernels(Kernels.get());

  private static float[] logits(LoadedModel model, int[] ids) {
    float[] logits = new float[ids.length * model.config().vocabSize()];
    model.call(
        forward -> {
          forward.begin(ids.length, false);
          forward.runAll(ids, 0, ids.length, Need.ALL, null);
          MemorySegment segment = forward.logits(0, ids.length);
          MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
        });
    return logits;
  }

  @ParameterizedTest
  @CsvSource({
    "openai-gpt-lm, openai-gpt-lm-bin",
    "openai-gpt-lm, openai-gpt-lm-bin/pytorch_model.legacy.bin",
    "gpt2-lm, gpt2-lm-tensorflow",
    "gpt2-lm, gpt2-lm-tensorflow/model.ckpt",
    "gpt2-lm, gpt2-lm-tensorflow/model.ckpt.index",
    "gpt2-lm, gpt2-lm-tensorflow/checkpoint"
  })
  void givesTheReferencesAnswersAndTheSameBits(String name, String other) throws IOException {
    Fixture fixture = Fixture.named(name);
    double worst = 0;
    try (LoadedModel model = LoadedModel.open(FOLDER.resolve(other), OPTIONS, 1);
        LoadedModel safetensors = LoadedModel.open(fixture.folder(), OPTIONS, 1)) {
      for (JsonObject expected : fixture.cases("cases")) {
        int[] ids = Fixture.ids(expected.required("input_ids"));
        float[] logits = logits(model, ids);
        float[] reference = Fixture.floats(expected.required("logits"));
        worst = Math.max(worst, Fixture.maxDifference(logits, reference));
        assertThat(logits).isEqualTo(logits(safetensors, ids));
      }
      System.out.printf("%s, %s: logits %.2g%n", other, model.backend().name(), worst);
      assertThat(worst).isLessThan(TOLERANCE);
    }
  }

  @Test
  void aTensorFlowPrefixIsAModelWithItsTokenizer() throws IOException {
    Path prefix = FOLDER.resolve("gpt2-lm-tensorflow").resolve("model.ckpt");
    Tokenizer tokenizer = Tokenizer.open(Fixture.named("gpt2-lm").folder());
    try (TextGenerator generator = TextGenerator.open(prefix, OPTIONS)) {
      Generation generation =
          generator.generate("The light", GenerationOptions.greedy().withMaxTokens(4));
      assertThat(generation.tokens()).isNotEmpty();
      assertThat(generator.tokenizer().encode("the keeper"))
          .isEqualTo(tokenizer.encode("the keeper"));
    }
  }
}
