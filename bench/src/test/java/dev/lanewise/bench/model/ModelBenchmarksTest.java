package dev.lanewise.bench.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each benchmark verifies its model when it is set up: here once with a tiny one. */
class ModelBenchmarksTest {

  @TempDir static Path work;

  @BeforeAll
  static void useWorkFolder() {
    System.setProperty(ModelFolders.PROPERTY, work.toString());
  }

  @AfterAll
  static void forgetWorkFolder() {
    System.clearProperty(ModelFolders.PROPERTY);
  }

  @Test
  void classifies() throws IOException {
    ClassifyBenchmark benchmark = new ClassifyBenchmark();
    benchmark.model = "tiny";
    benchmark.threads = 2;
    benchmark.setUp();
    assertThat(benchmark.classify().tokens()).isEqualTo(32);
    benchmark.tearDown();
  }

  @Test
  void answersTheFirstCall() throws IOException {
    FirstCallBenchmark benchmark = new FirstCallBenchmark();
    benchmark.model = "tiny";
    benchmark.setUp();
    assertThat(benchmark.firstCall().tokens()).isEqualTo(32);
    benchmark.tearDown();
  }

  @Test
  void generates() throws IOException {
    GenerateBenchmark benchmark = new GenerateBenchmark();
    benchmark.model = "tiny";
    benchmark.prompt = 20;
    benchmark.newTokens = 5;
    benchmark.setUp();
    GenerateBenchmark.Steps steps = new GenerateBenchmark.Steps();
    assertThat(benchmark.decode(steps).tokens()).hasSize(5);
    assertThat(steps.decodeTokensPerSecond()).isPositive();
    assertThat(benchmark.prefill().tokens()).hasSize(1);
    benchmark.tearDown();
  }

  @Test
  void opens() throws IOException {
    OpenBenchmark benchmark = new OpenBenchmark();
    benchmark.model = "tiny";
    benchmark.setUp();
    assertThat(benchmark.open()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gpt1"})
  void tokenizes(String model) throws IOException {
    TokenizeBenchmark benchmark = new TokenizeBenchmark();
    benchmark.model = model;
    benchmark.setUp();
    assertThat(benchmark.encode()).hasSize(128);
  }

  @Test
  void otherLogitsFail() {
    assertThatThrownBy(() -> SameBits.equal(List.of(1f, 2f), List.of(1f, 2.0000002f)))
        .isInstanceOf(AssertionError.class);
  }
}
