package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.internal.Activations;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The activation of every element: the operations of {@link Activations}, one by one. */
final class VectorActivation {

  private VectorActivation() {}

  static void apply(
      Activation activation,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int rows,
      int from,
      int to) {
    int vectorEnd = from + (to - from) / L * L;
    for (int row = 0; row < rows; row++) {
      long offset = yOffset + row * yRowStride;
      long begin = offset + (long) from * Float.BYTES;
      long end = offset + (long) vectorEnd * Float.BYTES;
      // One loop each: a switch inside would keep C2 from seeing straight vector code.
      switch (activation) {
        case GELU_TANH -> geluTanh(y, begin, end);
        case GELU_ERF -> geluErf(y, begin, end);
        case RELU -> relu(y, begin, end);
        case SILU -> sigmoidGate(y, begin, end, -1f);
        case TANH -> tanh(y, begin, end);
        case QUICK_GELU -> sigmoidGate(y, begin, end, Activations.QUICK);
      }
      for (int n = vectorEnd; n < to; n++) {
        long at = offset + (long) n * Float.BYTES;
        y.set(F32.LAYOUT, at, Activations.apply(activation, y.get(F32.LAYOUT, at)));
      }
    }
  }

  private static void geluTanh(MemorySegment y, long begin, long end) {
    FloatVector cubic = FloatVector.broadcast(FLOATS, Activations.GELU_CUBIC);
    FloatVector linear = FloatVector.broadcast(FLOATS, Activations.GELU_LINEAR);
    for (long at = begin; at < end; at += BYTES) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      FloatVector minusTwoU = Species.fma(x.mul(x), cubic, linear).mul(x);
      x.div(VectorExp.exp(minusTwoU).add(1f)).intoMemorySegment(y, at, LE);
    }
  }

  private static void geluErf(MemorySegment y, long begin, long end) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (long at = begin; at < end; at += BYTES) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      FloatVector t =
          one.div(Species.fma(x.abs(), FloatVector.broadcast(FLOATS, Activations.PHI_STEP), one));
      FloatVector p =
          Species.fma(
              FloatVector.broadcast(FLOATS, Activations.PHI7),
              t,
              FloatVector.broadcast(FLOATS, Activations.PHI6));
      p = Species.fma(p, t, FloatVector.broadcast(FLOATS, Activations.PHI5));
      p = Species.fma(p, t, FloatVector.broadcast(FLOATS, Activations.PHI4));
      p = Species.fma(p, t, FloatVector.broadcast(FLOATS, Activations.PHI3));
      p = Species.fma(p, t, FloatVector.broadcast(FLOATS, Activations.PHI2));
      p = Species.fma(p, t, FloatVector.broadcast(FLOATS, Activations.PHI1));
      FloatVector tail = VectorExp.exp(x.mul(x).mul(-0.5f)).mul(p.mul(t));
      FloatVector phi = one.sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f));
      x.mul(phi).intoMemorySegment(y, at, LE);
    }
  }

  private static void relu(MemorySegment y, long begin, long end) {
    for (long at = begin; at < end; at += BYTES) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      x.blend(0f, x.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, at, LE);
    }
  }

  /** x / (1 + exp(x * factor)). For SILU x * -1 is -x, to the bit. */
  private static void sigmoidGate(MemorySegment y, long begin, long end, float factor) {
    for (long at = begin; at < end; at += BYTES) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      x.div(VectorExp.exp(x.mul(factor)).add(1f)).intoMemorySegment(y, at, LE);
    }
  }

  private static void tanh(MemorySegment y, long begin, long end) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (long at = begin; at < end; at += BYTES) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      FloatVector s = x.mul(x);
      FloatVector p =
          Species.fma(
              FloatVector.broadcast(FLOATS, Activations.TANH10),
              s,
              FloatVector.broadcast(FLOATS, Activations.TANH8));
      p = Species.fma(p, s, FloatVector.broadcast(FLOATS, Activations.TANH6));
      p = Species.fma(p, s, FloatVector.broadcast(FLOATS, Activations.TANH4));
      p = Species.fma(p, s, FloatVector.broadcast(FLOATS, Activations.TANH2));
      FloatVector small = x.mul(Species.fma(p, s, one));
      FloatVector magnitude = x.abs();
      FloatVector e = VectorExp.exp(magnitude.add(magnitude)).add(1f);
      FloatVector large = one.sub(FloatVector.broadcast(FLOATS, 2f).div(e));
      large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
      large
          .blend(small, magnitude.compare(VectorOperators.LT, Activations.TANH_SMALL))
          .intoMemorySegment(y, at, LE);
    }
  }
}
