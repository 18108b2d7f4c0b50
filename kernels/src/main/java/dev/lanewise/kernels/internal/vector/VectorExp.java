package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.COMPARES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.internal.Exp;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * exp of many floats: the operations of {@link Exp#exp}, one by one.
 *
 * <p>From memory to memory, and the only place with these operations. As a function of a vector it
 * was inlined or not depending on what the JVM had compiled before; where it was not, as in the sum
 * of four of them at 128 bits, every vector became an object.
 */
final class VectorExp {

  private VectorExp() {}

  /**
   * y = exp(x - bound) for n values of each row, in whole vectors: up to L - 1 values after them
   * are read and written too.
   *
   * @param x row r begins at {@code offset + r * rowStride}
   * @param bounds of each row; 0 changes no bit of a result
   * @param y row r begins at {@code at + r * stride}
   */
  static void exp(
      MemorySegment x,
      long offset,
      long rowStride,
      int rows,
      int n,
      float[] bounds,
      float[] y,
      int at,
      int stride) {
    int vectorEnd = COMPARES ? n : 0;
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector infinity = FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY);
    FloatVector log2e = FloatVector.broadcast(FLOATS, Exp.LOG2_E);
    FloatVector round = FloatVector.broadcast(FLOATS, Exp.ROUND);
    FloatVector high = FloatVector.broadcast(FLOATS, -Exp.LN2_HIGH);
    FloatVector low = FloatVector.broadcast(FLOATS, -Exp.LN2_LOW);
    FloatVector c6 = FloatVector.broadcast(FLOATS, Exp.C6);
    FloatVector c5 = FloatVector.broadcast(FLOATS, Exp.C5);
    FloatVector c4 = FloatVector.broadcast(FLOATS, Exp.C4);
    FloatVector c3 = FloatVector.broadcast(FLOATS, Exp.C3);
    FloatVector c2 = FloatVector.broadcast(FLOATS, Exp.C2);
    for (int row = 0; row < rows; row++) {
      FloatVector bound = FloatVector.broadcast(FLOATS, bounds[row]);
      long source = offset + row * rowStride;
      int target = at + row * stride;
      for (int i = 0; i < vectorEnd; i += L) {
        FloatVector v =
            FloatVector.fromMemorySegment(FLOATS, x, source + (long) i * Float.BYTES, LE)
                .sub(bound);
        FloatVector t = FMA ? v.fma(log2e, round) : v.mul(log2e).add(round);
        FloatVector m = t.sub(round);
        FloatVector r = FMA ? m.fma(high, v) : m.mul(high).add(v);
        r = FMA ? m.fma(low, r) : m.mul(low).add(r);
        FloatVector q = FMA ? c6.fma(r, c5) : c6.mul(r).add(c5);
        q = FMA ? q.fma(r, c4) : q.mul(r).add(c4);
        q = FMA ? q.fma(r, c3) : q.mul(r).add(c3);
        q = FMA ? q.fma(r, c2) : q.mul(r).add(c2);
        FloatVector s = r.mul(r);
        FloatVector p = (FMA ? q.fma(s, r) : q.mul(s).add(r)).add(1f);
        FloatVector scale =
            t.reinterpretAsInts()
                .add(Exp.BIAS)
                .lanewise(VectorOperators.LSHL, Exp.FRACTION_BITS)
                .reinterpretAsFloats();
        p.mul(scale)
            .blend(zero, v.compare(VectorOperators.LT, Exp.MIN))
            .blend(infinity, v.compare(VectorOperators.GT, Exp.MAX))
            .intoArray(y, target + i);
      }
      for (int i = vectorEnd; i < n; i++) {
        float v = x.get(F32.LAYOUT, source + (long) i * Float.BYTES) - bounds[row];
        y[target + i] = Exp.exp(v);
      }
    }
  }
}
