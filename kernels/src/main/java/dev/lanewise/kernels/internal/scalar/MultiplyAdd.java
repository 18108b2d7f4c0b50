package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.internal.Fma;

/**
 * s += a w on heap arrays: the inner loops of the scalar matmul and attention, compiled by C2 to
 * vectors.
 */
final class MultiplyAdd {

  private MultiplyAdd() {}

  /** s[sAt + j] = fma(a, w[wAt + j], s[sAt + j]) for n values. */
  static void one(float[] s, int sAt, float a, float[] w, int wAt, int n) {
    for (int j = 0; j < n; j++) {
      s[sAt + j] = Fma.fma(a, w[wAt + j], s[sAt + j]);
    }
  }

  /**
   * Four steps of {@link #one} with the rows {@code w[k * stride ..]}, k = 0..3, in this order: s
   * is read and written once instead of four times.
   */
  static void four(
      float[] s, int sAt, float a0, float a1, float a2, float a3, float[] w, int stride, int n) {
    for (int j = 0; j < n; j++) {
      float sum = Fma.fma(a0, w[j], s[sAt + j]);
      sum = Fma.fma(a1, w[stride + j], sum);
      sum = Fma.fma(a2, w[2 * stride + j], sum);
      s[sAt + j] = Fma.fma(a3, w[3 * stride + j], sum);
    }
  }
}
