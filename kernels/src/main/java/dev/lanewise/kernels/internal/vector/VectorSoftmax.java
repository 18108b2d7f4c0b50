package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.COMPARES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.Exp;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** softmax and the logarithm of its denominator. */
final class VectorSoftmax {

  private VectorSoftmax() {}

  static void softmax(MemorySegment x, long offset, int n) {
    VectorScratch scratch = VectorScratch.current();
    float max = max(Float.NEGATIVE_INFINITY, x, offset, n, scratch.lanes());
    float sum = sumExp(x, offset, n, max, true, scratch);
    scale(x, offset, 1f / sum, x, offset, n);
  }

  static float logSumExp(MemorySegment x, long offset, int n) {
    VectorScratch scratch = VectorScratch.current();
    float max = max(Float.NEGATIVE_INFINITY, x, offset, n, scratch.lanes());
    return max + (float) StrictMath.log(sumExp(x, offset, n, max, false, scratch));
  }

  /**
   * The largest of max and n values; NaN is passed over, it comes back as exp(NaN - max). {@code
   * lanes} is scratch.
   */
  static float max(float max, MemorySegment x, long offset, int n, float[] lanes) {
    long end = offset + (long) n * Float.BYTES;
    long at = offset;
    float largest = max;
    if (COMPARES) {
      at += (long) (n / L) * BYTES;
      lanesOfMax(max, x, offset, n / L, lanes);
      largest = largest(lanes);
    }
    for (; at < end; at += Float.BYTES) {
      float v = x.get(F32.LAYOUT, at);
      largest = v > largest ? v : largest;
    }
    return largest;
  }

  /** To the first L lanes; in two chains, because a step waits for the one before it. */
  private static void lanesOfMax(
      float max, MemorySegment x, long offset, int vectors, float[] lanes) {
    FloatVector m0 = FloatVector.broadcast(FLOATS, max);
    FloatVector m1 = m0;
    int i = 0;
    for (; i + 2 <= vectors; i += 2) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, offset + i * BYTES, LE);
      m0 = m0.blend(v, v.compare(VectorOperators.GT, m0));
      v = FloatVector.fromMemorySegment(FLOATS, x, offset + (i + 1) * BYTES, LE);
      m1 = m1.blend(v, v.compare(VectorOperators.GT, m1));
    }
    if (i < vectors) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, offset + i * BYTES, LE);
      m0 = m0.blend(v, v.compare(VectorOperators.GT, m0));
    }
    m0.blend(m1, m1.compare(VectorOperators.GT, m0)).intoArray(lanes, 0);
  }

  /** Of the first L lanes: halves, down to four, in whole vectors. */
  private static float largest(float[] lanes) {
    FloatVector m = FloatVector.fromArray(FLOATS, lanes, 0);
    if (L > 8) {
      FloatVector v = m.rearrange(Species.BY_EIGHT);
      m = m.blend(v, v.compare(VectorOperators.GT, m));
    }
    if (L > 4) {
      FloatVector v = m.rearrange(Species.BY_FOUR);
      m = m.blend(v, v.compare(VectorOperators.GT, m));
    }
    m.intoArray(lanes, 0);
    float a = lanes[0] > lanes[1] ? lanes[0] : lanes[1];
    float b = lanes[2] > lanes[3] ? lanes[2] : lanes[3];
    return a > b ? a : b;
  }

  /** Sum of exp(x - max) in 16 lanes, chunk by chunk; {@code store} puts the terms into x. */
  private static float sumExp(
      MemorySegment x, long offset, int n, float max, boolean store, VectorScratch scratch) {
    float[] terms = scratch.terms();
    float[] lanes = scratch.lanes();
    float[] bound = scratch.bound(max);
    Arrays.fill(lanes, 0, Lanes.COUNT, 0f);
    int count = 0;
    int groups = 0;
    for (int i = 0; i < n; i += VectorScratch.CHUNK) {
      long at = offset + (long) i * Float.BYTES;
      count = Math.min(VectorScratch.CHUNK, n - i);
      groups = count / Lanes.COUNT * Lanes.COUNT;
      int vectors = count / L * L;
      VectorExp.exp(x, at, 0, 1, vectors, bound, terms, 0, 0);
      for (int j = vectors; j < count; j++) {
        terms[j] = Exp.exp(x.get(F32.LAYOUT, at + (long) j * Float.BYTES) - max);
      }
      VectorSums.addTo(lanes, terms, 0, groups);
      if (store) {
        MemorySegment.copy(terms, 0, x, F32.LAYOUT, at, count);
      }
    }
    float sum = Lanes.sum(lanes, 0);
    for (int i = groups; i < count; i++) {
      sum += terms[i];
    }
    return sum;
  }

  /** target = source * factor for n values; they may be the same. */
  static void scale(
      MemorySegment source,
      long sourceOffset,
      float factor,
      MemorySegment target,
      long targetOffset,
      int n) {
    long vectorEnd = (long) (n / L) * BYTES;
    for (long at = 0; at < vectorEnd; at += BYTES) {
      FloatVector.fromMemorySegment(FLOATS, source, sourceOffset + at, LE)
          .mul(factor)
          .intoMemorySegment(target, targetOffset + at, LE);
    }
    for (long at = vectorEnd; at < (long) n * Float.BYTES; at += Float.BYTES) {
      float value = source.get(F32.LAYOUT, sourceOffset + at) * factor;
      target.set(F32.LAYOUT, targetOffset + at, value);
    }
  }
}
