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
import jdk.incubator.vector.FloatVector;

/**
 * Dot products of rows of x with rows of weights {@code (out, in)}, each in 16 lanes.
 *
 * <p>One product at a time is right for memory-bound decoding: the weights are one sequential
 * stream, which prefetches better than four (measured 18-21 against 13-16 GB/s).
 */
final class DotProducts {

  private DotProducts() {}

  /** x[at] .. x[at + n - 1] times n weights. */
  static float dot(float[] x, int at, MemorySegment w, long wOffset, int n) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int groups = n / Lanes.COUNT * Lanes.COUNT;
    int end = at + groups;
    long p = wOffset;
    for (int i = at; i < end; i += Lanes.COUNT, p += Lanes.COUNT * Float.BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      FloatVector u = FloatVector.fromArray(FLOATS, x, i);
      a = FMA ? v.fma(u, a) : v.mul(u).add(a);
      if (L < 16) {
        v = FloatVector.fromMemorySegment(FLOATS, w, p + BYTES, LE);
        u = FloatVector.fromArray(FLOATS, x, i + L);
        b = FMA ? v.fma(u, b) : v.mul(u).add(b);
      }
      if (L < 8) {
        v = FloatVector.fromMemorySegment(FLOATS, w, p + 2 * BYTES, LE);
        u = FloatVector.fromArray(FLOATS, x, i + 2 * L);
        c = FMA ? v.fma(u, c) : v.mul(u).add(c);
        v = FloatVector.fromMemorySegment(FLOATS, w, p + 3 * BYTES, LE);
        u = FloatVector.fromArray(FLOATS, x, i + 3 * L);
        d = FMA ? v.fma(u, d) : v.mul(u).add(d);
      }
    }
    FloatVector four;
    if (L == 16) {
      FloatVector eight = a.add(a.rearrange(Species.BY_EIGHT));
      four = eight.add(eight.rearrange(Species.BY_FOUR));
    } else if (L == 8) {
      FloatVector eight = a.add(b);
      four = eight.add(eight.rearrange(Species.BY_FOUR));
    } else {
      four = a.add(c).add(b.add(d));
    }
    float sum = (four.lane(0) + four.lane(2)) + (four.lane(1) + four.lane(3));
    return leftOver(sum, x, at, w, wOffset, groups, n);
  }

  /** The products beyond the whole groups, one by one. */
  static float leftOver(
      float sum, float[] x, int at, MemorySegment w, long wOffset, int groups, int n) {
    float s = sum;
    for (int k = groups; k < n; k++) {
      s = Fma.fma(x[at + k], w.get(F32.LAYOUT, wOffset + (long) k * Float.BYTES), s);
    }
    return s;
  }
}
