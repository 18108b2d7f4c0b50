package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums of a row in 16 lanes: one vector of 512 bits, two of 256, four of 128. Each step reads whole
 * groups of 16, so that the lanes are the same whatever the width; the tree of {@link Lanes#sum} is
 * done in registers, because storing 16 lanes to reload them one by one costs more than the sum of
 * a short row.
 */
final class VectorSums {

  private static final VectorShuffle<Float> BY_EIGHT =
      VectorShuffle.fromOp(FLOATS, i -> (i + 8) % L);
  private static final VectorShuffle<Float> BY_FOUR =
      VectorShuffle.fromOp(FLOATS, i -> (i + 4) % L);

  private VectorSums() {}

  /** The lanes of a, of a and b (256 bits), or of a, b, c and d (128 bits) as a tree. */
  static float tree(FloatVector a, FloatVector b, FloatVector c, FloatVector d) {
    FloatVector four;
    if (L == 16) {
      FloatVector eight = a.add(a.rearrange(BY_EIGHT));
      four = eight.add(eight.rearrange(BY_FOUR));
    } else if (L == 8) {
      FloatVector eight = a.add(b);
      four = eight.add(eight.rearrange(BY_FOUR));
    } else {
      four = a.add(c).add(b.add(d));
    }
    return (four.lane(0) + four.lane(2)) + (four.lane(1) + four.lane(3));
  }

  /** Sum of n values. */
  static float sum(MemorySegment x, long offset, int n) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    long end = offset + (long) groups * Float.BYTES;
    for (long at = offset; at < end; at += Lanes.COUNT * Float.BYTES) {
      a = a.add(FloatVector.fromMemorySegment(FLOATS, x, at, LE));
      if (L < 16) {
        b = b.add(FloatVector.fromMemorySegment(FLOATS, x, at + BYTES, LE));
      }
      if (L < 8) {
        c = c.add(FloatVector.fromMemorySegment(FLOATS, x, at + 2 * BYTES, LE));
        d = d.add(FloatVector.fromMemorySegment(FLOATS, x, at + 3 * BYTES, LE));
      }
    }
    float sum = tree(a, b, c, d);
    for (int i = groups; i < n; i++) {
      sum += x.get(F32.LAYOUT, offset + (long) i * Float.BYTES);
    }
    return sum;
  }

  /** Sum of x[at] .. x[at + n - 1]. */
  static float sum(float[] x, int at, int n) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int end = at + n / Lanes.COUNT * Lanes.COUNT;
    for (int i = at; i < end; i += Lanes.COUNT) {
      a = a.add(FloatVector.fromArray(FLOATS, x, i));
      if (L < 16) {
        b = b.add(FloatVector.fromArray(FLOATS, x, i + L));
      }
      if (L < 8) {
        c = c.add(FloatVector.fromArray(FLOATS, x, i + 2 * L));
        d = d.add(FloatVector.fromArray(FLOATS, x, i + 3 * L));
      }
    }
    float sum = tree(a, b, c, d);
    for (int i = end; i < at + n; i++) {
      sum += x[i];
    }
    return sum;
  }

  /** Sum of (x - mean)^2 over n values. */
  static float squaredDistances(MemorySegment x, long offset, int n, float mean) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    long end = offset + (long) groups * Float.BYTES;
    for (long at = offset; at < end; at += Lanes.COUNT * Float.BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, at, LE).sub(mean);
      a = Species.fma(v, v, a);
      if (L < 16) {
        v = FloatVector.fromMemorySegment(FLOATS, x, at + BYTES, LE).sub(mean);
        b = Species.fma(v, v, b);
      }
      if (L < 8) {
        v = FloatVector.fromMemorySegment(FLOATS, x, at + 2 * BYTES, LE).sub(mean);
        c = Species.fma(v, v, c);
        v = FloatVector.fromMemorySegment(FLOATS, x, at + 3 * BYTES, LE).sub(mean);
        d = Species.fma(v, v, d);
      }
    }
    float sum = tree(a, b, c, d);
    for (int i = groups; i < n; i++) {
      float v = x.get(F32.LAYOUT, offset + (long) i * Float.BYTES) - mean;
      sum = Fma.fma(v, v, sum);
    }
    return sum;
  }
}
