package dev.lanewise.kernels.internal.scalar;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** y = x W + bias for weights {@code (out, in)}: dot products in 16 lanes. */
final class ScalarDotMatmul {

  private ScalarDotMatmul() {}

  static void multiply(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    int in = w.in();
    ScalarScratch scratch = ScalarScratch.current();
    float[] weights = scratch.weights(in);
    float[] lanes = scratch.sums(Lanes.COUNT);
    for (int n = from; n < to; n++) {
      long column = (long) n * Float.BYTES;
      MemorySegment.copy(w.segment(), F32.LAYOUT, w.offset() + column * in, weights, 0, in);
      float first = bias == null ? 0f : bias.segment().get(F32.LAYOUT, bias.offset() + column);
      for (int row = 0; row < x.rows(); row++) {
        long target = yOffset + row * yRowStride + column;
        float start = accumulate ? y.get(F32.LAYOUT, target) : first;
        y.set(F32.LAYOUT, target, start + dot(x.data(), row * in, weights, in, lanes));
      }
    }
  }

  private static float dot(float[] x, int at, float[] w, int n, float[] lanes) {
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    lanes(x, at, w, groups, lanes);
    float sum = Lanes.sum(lanes, 0);
    for (int k = groups; k < n; k++) {
      sum = Fma.fma(x[at + k], w[k], sum);
    }
    return sum;
  }

  /** Sixteen named lanes stay in registers; an array of them would be stored and reloaded. */
  private static void lanes(float[] x, int at, float[] w, int groups, float[] lanes) {
    float l0 = 0;
    float l1 = 0;
    float l2 = 0;
    float l3 = 0;
    float l4 = 0;
    float l5 = 0;
    float l6 = 0;
    float l7 = 0;
    float l8 = 0;
    float l9 = 0;
    float l10 = 0;
    float l11 = 0;
    float l12 = 0;
    float l13 = 0;
    float l14 = 0;
    float l15 = 0;
    for (int k = 0; k < groups; k += Lanes.COUNT) {
      int i = at + k;
      l0 = Fma.fma(x[i], w[k], l0);
      l1 = Fma.fma(x[i + 1], w[k + 1], l1);
      l2 = Fma.fma(x[i + 2], w[k + 2], l2);
      l3 = Fma.fma(x[i + 3], w[k + 3], l3);
      l4 = Fma.fma(x[i + 4], w[k + 4], l4);
      l5 = Fma.fma(x[i + 5], w[k + 5], l5);
      l6 = Fma.fma(x[i + 6], w[k + 6], l6);
      l7 = Fma.fma(x[i + 7], w[k + 7], l7);
      l8 = Fma.fma(x[i + 8], w[k + 8], l8);
      l9 = Fma.fma(x[i + 9], w[k + 9], l9);
      l10 = Fma.fma(x[i + 10], w[k + 10], l10);
      l11 = Fma.fma(x[i + 11], w[k + 11], l11);
      l12 = Fma.fma(x[i + 12], w[k + 12], l12);
      l13 = Fma.fma(x[i + 13], w[k + 13], l13);
      l14 = Fma.fma(x[i + 14], w[k + 14], l14);
      l15 = Fma.fma(x[i + 15], w[k + 15], l15);
    }
    lanes[0] = l0;
    lanes[1] = l1;
    lanes[2] = l2;
    lanes[3] = l3;
    lanes[4] = l4;
    lanes[5] = l5;
    lanes[6] = l6;
    lanes[7] = l7;
    lanes[8] = l8;
    lanes[9] = l9;
    lanes[10] = l10;
    lanes[11] = l11;
    lanes[12] = l12;
    lanes[13] = l13;
    lanes[14] = l14;
    lanes[15] = l15;
  }
}
