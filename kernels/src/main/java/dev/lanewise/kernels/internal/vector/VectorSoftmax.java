package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.Exp;
import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** softmax and the logarithm of its denominator. */
final class VectorSoftmax {

  private VectorSoftmax() {}

  static void softmax(MemorySegment x, long offset, int n) {
    float max = max(Float.NEGATIVE_INFINITY, x, offset, n);
    exp(x, offset, n, max);
    float inverse = 1f / VectorSums.sum(x, offset, n);
    long end = offset + (long) n * Float.BYTES;
    long vectorEnd = offset + (long) (n / L) * BYTES;
    for (long at = offset; at < vectorEnd; at += BYTES) {
      FloatVector.fromMemorySegment(FLOATS, x, at, LE).mul(inverse).intoMemorySegment(x, at, LE);
    }
    for (long at = vectorEnd; at < end; at += Float.BYTES) {
      x.set(F32.LAYOUT, at, x.get(F32.LAYOUT, at) * inverse);
    }
  }

  static float logSumExp(MemorySegment x, long offset, int n) {
    float max = max(Float.NEGATIVE_INFINITY, x, offset, n);
    return max + (float) StrictMath.log(sumExp(x, offset, n, max));
  }

  /** The largest of max and n values; NaN is passed over, it comes back as exp(NaN - max). */
  static float max(float max, MemorySegment x, long offset, int n) {
    FloatVector m = FloatVector.broadcast(FLOATS, max);
    long end = offset + (long) n * Float.BYTES;
    long vectorEnd = offset + (long) (n / L) * BYTES;
    for (long at = offset; at < vectorEnd; at += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, at, LE);
      m = m.blend(v, v.compare(VectorOperators.GT, m));
    }
    float largest = m.reduceLanes(VectorOperators.MAX); // exact in any order
    for (long at = vectorEnd; at < end; at += Float.BYTES) {
      float v = x.get(F32.LAYOUT, at);
      largest = v > largest ? v : largest;
    }
    return largest;
  }

  /** x = exp(x - max). */
  private static void exp(MemorySegment x, long offset, int n, float max) {
    long end = offset + (long) n * Float.BYTES;
    long vectorEnd = offset + (long) (n / L) * BYTES;
    for (long at = offset; at < vectorEnd; at += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, at, LE).sub(max);
      VectorExp.exp(v).intoMemorySegment(x, at, LE);
    }
    for (long at = vectorEnd; at < end; at += Float.BYTES) {
      x.set(F32.LAYOUT, at, Exp.exp(x.get(F32.LAYOUT, at) - max));
    }
  }

  /** Sum of exp(x - max) in 16 lanes, in one pass. */
  private static float sumExp(MemorySegment x, long offset, int n, float max) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    long end = offset + (long) groups * Float.BYTES;
    for (long at = offset; at < end; at += Lanes.COUNT * Float.BYTES) {
      a = a.add(VectorExp.exp(FloatVector.fromMemorySegment(FLOATS, x, at, LE).sub(max)));
      if (L < 16) {
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, at + BYTES, LE);
        b = b.add(VectorExp.exp(v.sub(max)));
      }
      if (L < 8) {
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, at + 2 * BYTES, LE);
        c = c.add(VectorExp.exp(v.sub(max)));
        v = FloatVector.fromMemorySegment(FLOATS, x, at + 3 * BYTES, LE);
        d = d.add(VectorExp.exp(v.sub(max)));
      }
    }
    float sum = VectorSums.tree(a, b, c, d);
    for (int i = groups; i < n; i++) {
      sum += Exp.exp(x.get(F32.LAYOUT, offset + (long) i * Float.BYTES) - max);
    }
    return sum;
  }
}
