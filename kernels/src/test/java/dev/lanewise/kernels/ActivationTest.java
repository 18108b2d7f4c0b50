package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The error bounds of the activations, and what they make of values that are no numbers. */
class ActivationTest {

  /** Floats from one that is tried to the next. */
  private static final int STEP = 4099;

  /** Results below it may be 0: exp overflows a little before they leave the normal floats. */
  private static final double TINY = 1e-37;

  static Stream<Kernels> backends() {
    return Backends.all().stream();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyActivationIsWithinItsAbsoluteBound(Kernels kernels) {
    float[] x = everyFloatUpTo(1e4f);
    for (Activation activation : Activation.values()) {
      float[] y = apply(kernels, activation, x);
      double worst = 0;
      for (int i = 0; i < x.length; i++) {
        double error = Math.abs(y[i] - exact(activation, x[i]));
        worst = Math.max(worst, error / Math.max(1, Math.abs(x[i])));
      }
      assertThat(worst).as("%s %s", kernels.name(), activation).isLessThanOrEqualTo(2.5e-7);
    }
  }

  /**
   * Also where they are tiny: x^2 is rounded before exp sees it, which multiplies the result by
   * exp(x^2 / 2 times an ulp), so that the relative error grows with x^2.
   */
  @ParameterizedTest
  @MethodSource("backends")
  void geluByTanhIsWithinItsRelativeBound(Kernels kernels) {
    float[] x = everyFloatUpTo(20);
    float[] y = apply(kernels, Activation.GELU_TANH, x);
    double worst = 0;
    for (int i = 0; i < x.length; i++) {
      double exact = exact(Activation.GELU_TANH, x[i]);
      if (Math.abs(exact) > TINY) {
        double relative = Math.abs(y[i] - exact) / Math.abs(exact);
        worst = Math.max(worst, relative / (4 + (double) x[i] * x[i]) / 0x1p-24);
      }
    }
    assertThat(worst).as(kernels.name()).isLessThanOrEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void specialValuesComeOutAsDocumented(Kernels kernels) {
    float[] x = {
      0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f, -1e15f
    };
    for (Activation activation : Activation.values()) {
      // Once as a vector of 16 with a tail.
      float[] many = new float[16 + x.length];
      System.arraycopy(x, 0, many, 0, x.length);
      System.arraycopy(x, 0, many, 16, x.length);
      float[] y = apply(kernels, activation, many);
      for (int from : new int[] {0, 16}) {
        String name = kernels.name() + " " + activation;
        boolean tanh = activation == Activation.TANH;
        assertThat(Float.floatToRawIntBits(y[from])).as(name).isZero();
        assertThat(y[from + 1]).as(name).isZero();
        assertThat(y[from + 2]).as(name).isNaN();
        assertThat(y[from + 3]).as(name).isEqualTo(tanh ? 1f : Float.POSITIVE_INFINITY);
        switch (activation) {
          case TANH -> assertThat(y[from + 4]).as(name).isEqualTo(-1f);
          case RELU -> assertThat(y[from + 4]).as(name).isZero();
          default -> assertThat(y[from + 4]).as(name).isNaN();
        }
        assertThat(y[from + 5]).as(name).isEqualTo(tanh ? 1f : 1e30f);
        assertThat(y[from + 6]).as(name).isEqualTo(tanh ? -1f : 0f);
      }
    }
  }

  /** Every STEP-th float of both signs. */
  private static float[] everyFloatUpTo(float largest) {
    int count = Float.floatToRawIntBits(largest) / STEP;
    float[] values = new float[2 * count];
    for (int i = 0; i < count; i++) {
      values[2 * i] = Float.intBitsToFloat(i * STEP);
      values[2 * i + 1] = -values[2 * i];
    }
    return values;
  }

  private static double exact(Activation activation, double x) {
    if (activation == Activation.GELU_TANH) {
      // 1 + tanh cancels for negative x, in double too; this is the same.
      double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
      return x / (1 + StrictMath.exp(-2 * u));
    }
    return Oracle.activation(activation, x);
  }

  private static float[] apply(Kernels kernels, Activation activation, float[] x) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment y = Memory.dense(arena, x);
      kernels.activate(activation, y, 0, x.length * 4L, 1, 0, x.length);
      return Memory.read(y, 0, 0, 1, x.length);
    }
  }
}
