package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import dev.lanewise.kernels.internal.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Sums of a row in 16 lanes: one vector of 512 bits, two of 256, four of 128. Each step reads whole
 * groups of 16, so that the lanes are the same whatever the width. At the end they are stored and
 * added as the tree of {@link Lanes#sum}, scalar: a tree in registers that is a method of its own
 * is where C2 made objects of the sums.
 */
final class VectorSums {

  private VectorSums() {}

  /** Sum of n values; {@code lanes} is scratch. */
  static float sum(MemorySegment x, long offset, int n, float[] lanes) {
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
    a.intoArray(lanes, 0);
    if (L < 16) {
      b.intoArray(lanes, L);
    }
    if (L < 8) {
      c.intoArray(lanes, 2 * L);
      d.intoArray(lanes, 3 * L);
    }
    float sum = Lanes.sum(lanes, 0);
    for (int i = groups; i < n; i++) {
      sum += x.get(F32.LAYOUT, offset + (long) i * Float.BYTES);
    }
    return sum;
  }

  /** Adds x[at] .. x[at + groups - 1] to the lanes; groups is a multiple of 16. */
  static void addTo(float[] lanes, float[] x, int at, int groups) {
    FloatVector a = FloatVector.fromArray(FLOATS, lanes, 0);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    if (L < 16) {
      b = FloatVector.fromArray(FLOATS, lanes, L);
    }
    if (L < 8) {
      c = FloatVector.fromArray(FLOATS, lanes, 2 * L);
      d = FloatVector.fromArray(FLOATS, lanes, 3 * L);
    }
    int end = at + groups;
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
    a.intoArray(lanes, 0);
    if (L < 16) {
      b.intoArray(lanes, L);
    }
    if (L < 8) {
      c.intoArray(lanes, 2 * L);
      d.intoArray(lanes, 3 * L);
    }
  }

  /** Sum of x[at] .. x[at + n - 1]; {@code lanes} is scratch. */
  static float sum(float[] x, int at, int n, float[] lanes) {
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    Arrays.fill(lanes, 0, Lanes.COUNT, 0f);
    addTo(lanes, x, at, groups);
    float sum = Lanes.sum(lanes, 0);
    for (int i = at + groups; i < at + n; i++) {
      sum += x[i];
    }
    return sum;
  }

  /** Sum of (x - mean)^2 over n values; {@code lanes} is scratch. */
  static float squaredDistances(MemorySegment x, long offset, int n, float mean, float[] lanes) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    long end = offset + (long) groups * Float.BYTES;
    for (long at = offset; at < end; at += Lanes.COUNT * Float.BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, at, LE).sub(mean);
      a = FMA ? v.fma(v, a) : v.mul(v).add(a);
      if (L < 16) {
        v = FloatVector.fromMemorySegment(FLOATS, x, at + BYTES, LE).sub(mean);
        b = FMA ? v.fma(v, b) : v.mul(v).add(b);
      }
      if (L < 8) {
        v = FloatVector.fromMemorySegment(FLOATS, x, at + 2 * BYTES, LE).sub(mean);
        c = FMA ? v.fma(v, c) : v.mul(v).add(c);
        v = FloatVector.fromMemorySegment(FLOATS, x, at + 3 * BYTES, LE).sub(mean);
        d = FMA ? v.fma(v, d) : v.mul(v).add(d);
      }
    }
    a.intoArray(lanes, 0);
    if (L < 16) {
      b.intoArray(lanes, L);
    }
    if (L < 8) {
      c.intoArray(lanes, 2 * L);
      d.intoArray(lanes, 3 * L);
    }
    float sum = Lanes.sum(lanes, 0);
    for (int i = groups; i < n; i++) {
      float v = x.get(F32.LAYOUT, offset + (long) i * Float.BYTES) - mean;
      sum = Fma.fma(v, v, sum);
    }
    return sum;
  }
}
