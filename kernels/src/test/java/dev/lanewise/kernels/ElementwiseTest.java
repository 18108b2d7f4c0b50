package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layer norm, activations, softmax, sums against double arithmetic. */
class ElementwiseTest {

  static final int[] SIZES = {1, 2, 3, 7, 15, 16, 17, 31, 35, 67, 101, 768, 2304, 3072};

  static Stream<Kernels> backends() {
    return Backends.all().stream();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void layerNormAgreesWithDoubleArithmetic(Kernels kernels) {
    for (int n : SIZES) {
      int rows = 3;
      long stride = n * 4L + 4;
      float[] x = Memory.random(n, rows * n);
      float[] gain = Memory.random(n + 1, n);
      float[] bias = Memory.random(n + 2, n);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment xs = Memory.rows(arena, x, rows, n, 2, stride);
        Floats g = Memory.floats(arena, gain);
        Floats b = Memory.floats(arena, bias);
        kernels.layerNorm(xs, 2, stride, 1, 3, g, b, 1e-5f, xs, 2, stride);
        float[] y = Memory.read(xs, 2, stride, rows, n);
        for (int r = 0; r < rows; r++) {
          double[] row = Memory.doubles(java.util.Arrays.copyOfRange(x, r * n, r * n + n));
          double[] expected =
              r == 0
                  ? row
                  : Oracle.layerNorm(row, Memory.doubles(gain), Memory.doubles(bias), 1e-5);
          for (int i = 0; i < n; i++) {
            assertThat((double) y[r * n + i])
                .as("%s n %d row %d at %d", kernels.name(), n, r, i)
                .isCloseTo(expected[i], within(2e-6 * (1 + Math.abs(expected[i]))));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void activationsAgreeWithDoubleArithmetic(Kernels kernels) {
    int n = 24_001;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (i - 12_000) * 1e-3f;
    }
    for (Activation activation : Activation.values()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment xs = Memory.dense(arena, x);
        kernels.activate(activation, xs, 0, n * 4L, 1, 0, n);
        float[] y = Memory.read(xs, 0, 0, 1, n);
        for (int i = 0; i < n; i++) {
          assertThat((double) y[i])
              .as("%s %s of %s", kernels.name(), activation, x[i])
              .isCloseTo(
                  Oracle.activation(activation, x[i]),
                  within(2.5e-7 * Math.max(1, Math.abs(x[i]))));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void softmaxAndLogSumExpAgreeWithDoubleArithmetic(Kernels kernels) {
    for (int n : SIZES) {
      float[] x = Memory.random(n, n);
      for (int i = 0; i < n; i++) {
        x[i] = x[i] * 20 + 100;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment xs = Memory.rows(arena, x, 1, n, 1, 0);
        double sum = kernels.logSumExp(xs, 1, n);
        assertThat(sum).isCloseTo(Oracle.logSumExp(Memory.doubles(x)), within(2e-5));
        kernels.softmax(xs, 1, n);
        float[] y = Memory.read(xs, 1, 0, 1, n);
        double[] expected = Oracle.softmax(Memory.doubles(x));
        for (int i = 0; i < n; i++) {
          assertThat((double) y[i]).isCloseTo(expected[i], within(1e-6 * (expected[i] + 1e-3)));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void addsVectorsAndBiases(Kernels kernels) {
    for (int n : SIZES) {
      float[] a = Memory.random(n, 2 * n);
      float[] b = Memory.random(n + 1, n);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment as = Memory.rows(arena, a, 2, n, 1, n * 4L);
        MemorySegment bs = Memory.rows(arena, b, 1, n, 3, 0);
        kernels.addBias(as, 1, n * 4L, 1, 2, new Floats(bs, 3, n));
        kernels.add(as, 1, bs, 3, as, 1, n);
        float[] y = Memory.read(as, 1, n * 4L, 2, n);
        for (int i = 0; i < 2 * n; i++) {
          assertThat(y[i]).isEqualTo(a[i] + b[i % n]);
        }
      }
    }
  }
}
