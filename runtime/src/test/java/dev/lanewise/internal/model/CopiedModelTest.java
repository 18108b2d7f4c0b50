package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Classification;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.WeightStorage;
import dev.lanewise.WeightType;
import dev.lanewise.kernels.Kernels;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CopiedModelTest {

  private static final Path MODEL = Path.of("..", "models", "intents-gpt1");
  private static final String TEXT = "what is my account balance";

  /** With either backend: the scalar one first, whose weights are not packed. */
  @ParameterizedTest
  @EnumSource(
      value = WeightType.class,
      names = {"STORED", "F32", "Q8_0"})
  void answersAfterItsFileWasCut(WeightType type, @TempDir Path dir) throws IOException {
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, dir.resolve(file.getFileName().toString()));
      }
    }
    ModelOptions mapped = ModelOptions.defaults().withWeights(type);
    Classification expected;
    try (TextClassifier classifier = TextClassifier.open(MODEL, mapped)) {
      expected = classifier.classify(TEXT);
    }
    ModelOptions copied = mapped.withStorage(WeightStorage.COPIED);
    try (TextClassifier one = TextClassifier.open(dir, copied.withKernels(Kernels.scalar()));
        TextClassifier two = TextClassifier.open(dir, copied)) {
      Path weights = dir.resolve("model.safetensors");
      try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      assertThat(one.classify(TEXT)).isEqualTo(expected);
      assertThat(two.classify(TEXT)).isEqualTo(expected);
      two.warmUp();
      assertThat(two.classify(TEXT)).isEqualTo(expected);
    }
  }
}
