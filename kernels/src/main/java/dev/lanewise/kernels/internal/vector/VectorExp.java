package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.FLOATS;

import dev.lanewise.kernels.internal.Exp;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** exp of every lane: the operations of {@link Exp#exp}, one by one. */
final class VectorExp {

  private VectorExp() {}

  static FloatVector exp(FloatVector x) {
    FloatVector t =
        Species.fma(
            x, FloatVector.broadcast(FLOATS, Exp.LOG2_E), FloatVector.broadcast(FLOATS, Exp.ROUND));
    FloatVector n = t.sub(Exp.ROUND);
    FloatVector r = Species.fma(n, FloatVector.broadcast(FLOATS, -Exp.LN2_HIGH), x);
    r = Species.fma(n, FloatVector.broadcast(FLOATS, -Exp.LN2_LOW), r);
    FloatVector q =
        Species.fma(
            FloatVector.broadcast(FLOATS, Exp.C6), r, FloatVector.broadcast(FLOATS, Exp.C5));
    q = Species.fma(q, r, FloatVector.broadcast(FLOATS, Exp.C4));
    q = Species.fma(q, r, FloatVector.broadcast(FLOATS, Exp.C3));
    q = Species.fma(q, r, FloatVector.broadcast(FLOATS, Exp.C2));
    FloatVector p = Species.fma(q, r.mul(r), r).add(1f);
    FloatVector scale =
        t.reinterpretAsInts()
            .add(Exp.BIAS)
            .lanewise(VectorOperators.LSHL, Exp.FRACTION_BITS)
            .reinterpretAsFloats();
    FloatVector y = p.mul(scale);
    y = y.blend(0f, x.compare(VectorOperators.LT, Exp.MIN));
    return y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, Exp.MAX));
  }
}
