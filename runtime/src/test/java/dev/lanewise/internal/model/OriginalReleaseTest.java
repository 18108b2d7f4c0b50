package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.ModelOptions;
import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of 2018 give the answers of the same weights in the other format. */
class OriginalReleaseTest {

  private static final Path FILES =
      Path.of("..", "loader", "src", "test", "resources", "models-original", "openai-original");

  @TempDir private Path folder;

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(Objects.requireNonNull(file.getFileName())));
      }
    }
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 4}");
  }

  @Test
  void givesTheReferencesLogits() throws IOException {
    double worst = 0;
    try (LoadedModel model =
        LoadedModel.open(folder, ModelOptions.defaults().withKernels(Kernels.get()), 1)) {
      assertThat(model.config().vocabSize()).isEqualTo(200);
      for (JsonObject expected : Fixture.named("openai-gpt-lm").cases("cases")) {
        int[] ids = Fixture.ids(expected.required("input_ids"));
        float[] logits = new float[ids.length * 200];
        model.call(
            forward -> {
              forward.begin(ids.length, false);
              forward.runAll(ids, 0, ids.length, Need.ALL, null);
              MemorySegment segment = forward.logits(0, ids.length);
              MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT, 0, logits, 0, logits.length);
            });
        worst =
            Math.max(
                worst, Fixture.maxDifference(logits, Fixture.floats(expected.required("logits"))));
      }
    }
    assertThat(worst).isLessThan(1e-4);
  }

  @Test
  void goesWithTheOriginalPreprocessingUnlessToldOtherwise() throws IOException {
    String text = "isn't “it”\nso";
    Tokenizer original = Tokenizer.open(folder, List.of(), Preprocessing.ORIGINAL);
    Tokenizer transformers = Tokenizer.open(folder, List.of(), Preprocessing.TRANSFORMERS);
    assertThat(original.encode(text)).isNotEqualTo(transformers.encode(text));
    assertThat(Tokenizer.open(folder).encode(text)).isEqualTo(original.encode(text));
    ModelOptions options =
        ModelOptions.defaults()
            .withKernels(Kernels.scalar())
            .withPreprocessing(Preprocessing.TRANSFORMERS);
    try (LoadedModel model = LoadedModel.open(folder, options, 1)) {
      assertThat(model.tokenizer().encode(text)).isEqualTo(transformers.encode(text));
    }
  }
}
