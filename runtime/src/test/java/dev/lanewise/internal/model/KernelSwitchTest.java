package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Classification;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.kernels.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class KernelSwitchTest {

  private static final Path FOLDER = Path.of("..", "models", "intents-gpt1");

  @Test
  void neverReplacesABackendThatWasDemanded() throws IOException {
    for (Kernels kernels : new Kernels[] {Kernels.scalar(), Kernels.get()}) {
      ModelOptions options = ModelOptions.defaults().withKernels(kernels);
      try (TextClassifier classifier = TextClassifier.open(FOLDER, options)) {
        assertThat(classifier.backend().name()).isEqualTo(kernels.name());
        assertThat(classifier.backend().vectorBits()).isEqualTo(kernels.vectorBits());
      }
    }
  }

  /** Until the switch and after it the answers are the same, and warmUp makes it certain. */
  @Test
  void givesTheSameAnswersBeforeAndAfterTheSwitch() throws IOException {
    try (TextClassifier classifier = TextClassifier.open(FOLDER)) {
      Classification first = classifier.classify("what is my account balance");
      classifier.warmUp();
      assertThat(classifier.backend().name()).isEqualTo(Kernels.get().name());
      assertThat(classifier.classify("what is my account balance")).isEqualTo(first);
    }
    try (TextClassifier next = TextClassifier.open(FOLDER)) {
      assertThat(next.backend().name()).isEqualTo(Kernels.get().name());
    }
  }
}
