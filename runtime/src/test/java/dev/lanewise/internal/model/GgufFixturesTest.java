package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextGenerator;
import dev.lanewise.Tokenizer;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference's logits for what each GGUF file dequantizes to, and its tokens. */
class GgufFixturesTest {

  private static final Path FOLDER = Path.of("..", "loader", "src", "test", "resources", "gguf");
  private static final double TOLERANCE = 1e-4;
  private static final ModelOptions OPTIONS = ModelOptions.defaults().withKernels(Kernels.get());

  private static Path file(String type) {
    return FOLDER.resolve("gpt2-tiny-" + type + ".gguf");
  }

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
  @ValueSource(strings = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "mixed"})
  void givesTheReferencesAnswers(String type) throws IOException {
    JsonObject expected =
        Json.read(FOLDER.resolve("gpt2-tiny-" + type + ".expected.json")).asObject();
    double worst = 0;
    try (LoadedModel model = LoadedModel.open(file(type), OPTIONS, 1)) {
      for (JsonObject reference : Fixture.objects(expected.required("cases").asArray())) {
        int[] ids = Fixture.ids(reference.required("input_ids"));
        worst =
            Math.max(
                worst,
                Fixture.maxDifference(
                    logits(model, ids), Fixture.floats(reference.required("logits"))));
        int[] greedy = Fixture.ids(reference.required("greedy_new_ids"));
        Generation generation =
            GenerationLoop.run(
                model, ids, GenerationOptions.greedy().withMaxTokens(greedy.length), piece -> true);
        assertThat(Arrays.stream(greedy).boxed().toList())
            .startsWith(generation.tokens().toArray(Integer[]::new));
      }
      System.out.printf("GGUF %s, %s: logits %.2g%n", type, model.backend().name(), worst);
      assertThat(worst).isLessThan(TOLERANCE);
      String text = expected.required("text").asString();
      int[] ids = Fixture.ids(expected.required("text_ids"));
      assertThat(model.tokenizer().encode(text)).isEqualTo(ids);
      assertThat(model.tokenizer().decode(ids, false)).isEqualTo(text);
    }
  }

  /** The same weights as safetensors, where the matrices are stored the other way round. */
  @Test
  void givesTheBitsOfTheSameModelInSafetensors() throws IOException {
    try (LoadedModel gguf = LoadedModel.open(file("F32"), OPTIONS, 1);
        LoadedModel other = LoadedModel.open(FOLDER.resolve("hf"), OPTIONS, 1)) {
      int[] ids = other.tokenizer().encode("the keeper and the light");
      assertThat(gguf.tokenizer().encode("the keeper and the light")).isEqualTo(ids);
      assertThat(logits(gguf, ids)).isEqualTo(logits(other, ids));
    }
  }

  @Test
  void itsTokenizerIsTheOneOfItsFolder() throws IOException {
    Tokenizer gguf = Tokenizer.open(file("F32"));
    Tokenizer reference = Tokenizer.open(FOLDER.resolve("hf"));
    assertThat(gguf.vocabSize()).isEqualTo(reference.vocabSize());
    for (int id = 0; id < gguf.vocabSize(); id++) {
      assertThat(gguf.token(id)).isEqualTo(reference.token(id));
      assertThat(gguf.isSpecial(id)).isEqualTo(reference.isSpecial(id));
    }
    for (String text :
        List.of("", " a  b\n\tc", "The keeper's 12 lights…", "naïve 🦙", "x<|endoftext|>y")) {
      for (Tokenizer.Specials specials : Tokenizer.Specials.values()) {
        assertThat(gguf.encode(text, specials, true))
            .isEqualTo(reference.encode(text, specials, true));
      }
    }
  }

  @Test
  void aFolderWithOneFileIsAModel(@TempDir Path folder) throws IOException {
    Files.copy(file("Q8_0"), folder.resolve("any-name.gguf"));
    try (TextGenerator generator = TextGenerator.open(folder, OPTIONS)) {
      Generation generation =
          generator.generate("The light", GenerationOptions.greedy().withMaxTokens(4));
      assertThat(generation.tokens()).isNotEmpty();
    }
  }
}
