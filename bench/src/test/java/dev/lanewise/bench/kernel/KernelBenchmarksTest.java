package dev.lanewise.bench.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.Activation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each benchmark verifies its result when it is set up: here once for small operands. */
class KernelBenchmarksTest {

  @ParameterizedTest
  @CsvSource({"1, 768x768, 1", "19, 768x2304, 2"})
  void matmulGivesTheProduct(int rows, String shape, int threads) {
    MatmulBenchmark benchmark = new MatmulBenchmark();
    benchmark.rows = rows;
    benchmark.shape = shape;
    benchmark.threads = threads;
    benchmark.setUp();
    benchmark.tearDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"IN_OUT", "F16", "BF16", "I8_SCALED", "I8A8", "Q8_0", "Q4_0"})
  void matmulGivesTheProductOfOtherWeights(String weights) {
    MatmulBenchmark benchmark = new MatmulBenchmark();
    benchmark.rows = 9;
    benchmark.shape = "768x768";
    benchmark.weights = weights;
    benchmark.setUp();
    benchmark.tearDown();
    assertThat(benchmark.readBytes())
        .isBetween(768 * 768 * 0.5, 768 * 768 * (weights.equals("IN_OUT") ? 4.0 : 2.0));
  }

  @Test
  void matmulCountsItsWork() {
    MatmulBenchmark benchmark = new MatmulBenchmark();
    benchmark.rows = 2;
    benchmark.shape = "3x5";
    assertThat(benchmark.flops()).isEqualTo(60);
    assertThat(benchmark.readBytes()).isEqualTo(60);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void logitsAreTheProduct(int threads) {
    LogitsBenchmark benchmark = new LogitsBenchmark();
    benchmark.vocabSize = 1001;
    benchmark.threads = threads;
    benchmark.setUp();
    benchmark.tearDown();
  }

  @Test
  void attentionAttends() {
    AttentionBenchmark benchmark = new AttentionBenchmark();
    benchmark.tokens = 33;
    benchmark.setUp();
    benchmark.tearDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GELU_TANH", "GELU_ERF"})
  void geluIsGelu(Activation activation) {
    GeluBenchmark benchmark = new GeluBenchmark();
    benchmark.activation = activation;
    benchmark.setUp();
    benchmark.tearDown();
  }

  @Test
  void layerNormNormalizes() {
    LayerNormBenchmark benchmark = new LayerNormBenchmark();
    benchmark.rows = 3;
    benchmark.setUp();
    benchmark.tearDown();
  }

  @Test
  void softmaxGivesProbabilities() {
    SoftmaxBenchmark benchmark = new SoftmaxBenchmark();
    benchmark.n = 151;
    benchmark.setUp();
    benchmark.tearDown();
  }

  @Test
  void aWrongResultFails() {
    assertThatThrownBy(() -> Operands.check("it", 1, 1.001f, 10))
        .isInstanceOf(AssertionError.class)
        .hasMessage("it is 1.001, expected 1.0 up to 1.0E-4");
    assertThatThrownBy(() -> Operands.check("it", 1, Float.NaN, 10))
        .isInstanceOf(AssertionError.class);
    Operands.check("it", 1, 1.00005f, 10);
  }
}
