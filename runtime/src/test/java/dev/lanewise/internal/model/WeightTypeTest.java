package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Classification;
import dev.lanewise.GenerationOptions;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.Quantizer;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextGenerator;
import dev.lanewise.WeightType;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.KernelMode;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.Checkpoint;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Models whose matrices have fewer bits, with the ones that ship. */
class WeightTypeTest {

  private static final Path CLASSIFIER = Path.of("..", "models", "intents-gpt1");
  private static final Path GENERATOR = Path.of("..", "models", "tiny-gpt1-lm");
  private static final List<String> TEXTS =
      List.of("what is my account balance", "wake me up at seven", "hello");

  private static ModelOptions options(WeightType type, Kernels kernels, int threads) {
    return ModelOptions.defaults().withWeights(type).withKernels(kernels).withThreads(threads);
  }

  private static List<Classification> classify(Path model, ModelOptions options)
      throws IOException {
    try (TextClassifier classifier = TextClassifier.open(model, options)) {
      return TEXTS.stream().map(classifier::classify).toList();
    }
  }

  private static double largestDifference(List<Classification> a, List<Classification> b) {
    double largest = 0;
    for (int i = 0; i < a.size(); i++) {
      for (LabelScore x : a.get(i).scores()) {
        for (LabelScore y : b.get(i).scores()) {
          if (x.labelId() == y.labelId()) {
            largest = Math.max(largest, Math.abs(x.probability() - y.probability()));
          }
        }
      }
    }
    return largest;
  }

  /** Both backends, one thread and several: the same bits. Near what float32 says. */
  @ParameterizedTest
  @CsvSource({
    "F32, 1e-6",
    "F16, 1e-6",
    "BF16, 0.02",
    "Q8_0, 0.02",
    "I8, 0.02",
    "I8A8, 0.1",
    "Q4_0, 0.5"
  })
  void givesTheSameBitsEverywhere(WeightType type, double tolerance) throws IOException {
    List<Classification> expected =
        classify(CLASSIFIER, options(type, Kernels.select(KernelMode.AUTO), 1));
    assertThat(classify(CLASSIFIER, options(type, Kernels.scalar(), 1))).isEqualTo(expected);
    assertThat(classify(CLASSIFIER, options(type, Kernels.select(KernelMode.AUTO), 3)))
        .isEqualTo(expected);
    List<Classification> float32 =
        classify(CLASSIFIER, options(WeightType.F32, Kernels.scalar(), 1));
    assertThat(largestDifference(expected, float32)).isLessThan(tolerance);
    if (type != WeightType.F32 && type != WeightType.F16) { // the file has F16
      assertThat(largestDifference(expected, float32)).isPositive();
    }
  }

  /** The tied embedding and output matrix are of the type too; one token at a time as a prompt. */
  @ParameterizedTest
  @EnumSource(
      value = WeightType.class,
      names = {"F16", "Q8_0", "I8", "I8A8", "Q4_0"})
  void generatesTheSameTokensWithEitherBackend(WeightType type) throws IOException {
    GenerationOptions options = GenerationOptions.greedy().withMaxTokens(24);
    List<Integer> tokens;
    try (TextGenerator generator =
        TextGenerator.open(GENERATOR, options(type, Kernels.select(KernelMode.AUTO), 2))) {
      tokens = generator.generate("one day a little girl", options, piece -> true).tokens();
    }
    try (TextGenerator generator =
        TextGenerator.open(GENERATOR, options(type, Kernels.scalar(), 1))) {
      assertThat(generator.generate("one day a little girl", options, piece -> true).tokens())
          .isEqualTo(tokens)
          .hasSize(24);
    }
  }

  /** A folder that was written answers as the model that was rounded when it was opened. */
  @ParameterizedTest
  @EnumSource(
      value = WeightType.class,
      names = {"F32", "F16", "BF16", "Q8_0", "I8", "I8A8", "Q4_0"})
  void aWrittenFolderKeepsTheBits(WeightType type, @TempDir Path dir) throws IOException {
    Path target = dir.resolve("out");
    Quantizer quantizer = new Quantizer(CLASSIFIER);
    Path written = quantizer.write(target, type, Set.of(), Map.of("said", "so"));
    Quantizer.publish(written, target);
    assertThat(classify(target, options(WeightType.STORED, Kernels.scalar(), 1)))
        .isEqualTo(classify(CLASSIFIER, options(type, Kernels.scalar(), 1)));
    try (Checkpoint checkpoint = Checkpoint.open(target);
        Stream<Path> files = Files.list(dir)) {
      assertThat(files).containsExactly(target);
      assertThat(checkpoint.metadata()).containsEntry("said", "so");
      assertThat(checkpoint.tensors().values())
          .filteredOn(tensor -> tensor.dtype() == type.dtype())
          .hasSizeGreaterThanOrEqualTo(1 + 4 * (quantizer.groups().size() - 1));
    }
    assertThatThrownBy(() -> quantizer.write(target, type, Set.of(), Map.of()))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  /** What scores or generates has the embedding in memory, as its output matrix. */
  @Test
  void aClassifierLeavesAStoredEmbeddingWhereItIs(@TempDir Path dir) throws IOException {
    Path target = dir.resolve("out");
    Quantizer.publish(
        new Quantizer(CLASSIFIER).write(target, WeightType.I8, Set.of(), Map.of()), target);
    try (LoadedModel states = LoadedModel.open(target, ModelOptions.defaults(), Use.STATES, 1);
        LoadedModel tokens = LoadedModel.open(target, ModelOptions.defaults(), Use.TOKENS, 1)) {
      assertThat(states.weights().tokens().matrix()).isNull();
      assertThat(states.weights().tokens().stored().isMapped()).isTrue();
      assertThat(tokens.weights().tokens().matrix()).isNotNull();
    }
  }

  @Test
  void groupsStayIn16BitsOnDemand(@TempDir Path dir) throws IOException {
    Path target = dir.resolve("out");
    Quantizer quantizer = new Quantizer(CLASSIFIER);
    List<Quantizer.Group> groups = quantizer.groups();
    Quantizer.publish(
        quantizer.write(target, WeightType.Q4_0, Set.of("embedding", "block 1"), Map.of()), target);
    try (Checkpoint checkpoint = Checkpoint.open(target)) {
      for (Quantizer.Group group : groups) {
        boolean kept = group.name().equals("embedding") || group.name().equals("block 1");
        for (String name : group.tensors()) {
          assertThat(Objects.requireNonNull(checkpoint.tensors().get(name)).dtype())
              .as(name)
              .isEqualTo(kept ? DType.F16 : DType.Q4_0);
        }
      }
    }
    assertThat(classify(target, options(WeightType.STORED, Kernels.scalar(), 1))).hasSize(3);
  }
}
