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
   * Four steps of {@link #one} with the rows w0, w1, w2, w3, in this order: s is read and written
   * once instead of four times.
   *
   * <p>Arrays from their beginning: with an offset into one array for all rows C2 makes no vectors
   * of the loop, 6 instead of 40 GFLOP/s.
   */
  static void four(
      float[] s,
      float a0,
      float a1,
      float a2,
      float a3,
      float[] w0,
      float[] w1,
      float[] w2,
      float[] w3,
      int n) {
    for (int j = 0; j < n; j++) {
      float sum = Fma.fma(a0, w0[j], s[j]);
      sum = Fma.fma(a1, w1[j], sum);
      sum = Fma.fma(a2, w2[j], sum);
      s[j] = Fma.fma(a3, w3[j], sum);
    }
  }
}
