package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** y = (x - mean) / sqrt(variance + epsilon) * gain + bias, row by row, each row in L1. */
final class VectorLayerNorm {

  private VectorLayerNorm() {}

  static void normalize(
      MemorySegment x,
      long xOffset,
      long xRowStride,
      int from,
      int to,
      Floats gain,
      Floats bias,
      float epsilon,
      MemorySegment y,
      long yOffset,
      long yRowStride) {
    int n = gain.length();
    float[] lanes = VectorScratch.current().lanes();
    for (int row = from; row < to; row++) {
      long source = xOffset + row * xRowStride;
      float mean = VectorSums.sum(x, source, n, lanes) / n;
      float variance = VectorSums.squaredDistances(x, source, n, mean, lanes) / n;
      float inverse = (float) (1 / Math.sqrt((double) variance + epsilon));
      scale(x, source, n, mean, inverse, gain, bias, y, yOffset + row * yRowStride);
    }
  }

  private static void scale(
      MemorySegment x,
      long xOffset,
      int n,
      float mean,
      float inverse,
      Floats gain,
      Floats bias,
      MemorySegment y,
      long yOffset) {
    MemorySegment g = gain.segment();
    MemorySegment b = bias.segment();
    long gOffset = gain.offset();
    long bOffset = bias.offset();
    long vectorEnd = (long) (n / L) * BYTES;
    for (long at = 0; at < vectorEnd; at += BYTES) {
      FloatVector d =
          FloatVector.fromMemorySegment(FLOATS, x, xOffset + at, LE).sub(mean).mul(inverse);
      FloatVector gainVector = FloatVector.fromMemorySegment(FLOATS, g, gOffset + at, LE);
      FloatVector biasVector = FloatVector.fromMemorySegment(FLOATS, b, bOffset + at, LE);
      FloatVector result = FMA ? d.fma(gainVector, biasVector) : d.mul(gainVector).add(biasVector);
      result.intoMemorySegment(y, yOffset + at, LE);
    }
    for (long at = vectorEnd; at < (long) n * Float.BYTES; at += Float.BYTES) {
      float d = (x.get(F32.LAYOUT, xOffset + at) - mean) * inverse;
      float value = Fma.fma(d, g.get(F32.LAYOUT, gOffset + at), b.get(F32.LAYOUT, bOffset + at));
      y.set(F32.LAYOUT, yOffset + at, value);
    }
  }
}
