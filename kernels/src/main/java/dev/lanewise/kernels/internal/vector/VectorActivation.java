package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.COMPARES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.internal.Activations;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The activation of every element: the operations of {@link Activations}, one by one.
 *
 * <p>In chunks that stay in L1, each in three steps: the argument of exp, exp, and what follows.
 */
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
    VectorScratch scratch = VectorScratch.current();
    int vectorEnd = COMPARES ? from + (to - from) / L * L : from;
    for (int row = 0; row < rows; row++) {
      long offset = yOffset + row * yRowStride;
      for (int n = from; n < vectorEnd; n += VectorScratch.CHUNK) {
        int count = Math.min(VectorScratch.CHUNK, vectorEnd - n);
        chunk(activation, y, offset + (long) n * Float.BYTES, count, scratch);
      }
      for (int n = vectorEnd; n < to; n++) {
        long at = offset + (long) n * Float.BYTES;
        y.set(F32.LAYOUT, at, Activations.apply(activation, y.get(F32.LAYOUT, at)));
      }
    }
  }

  /** n elements, a multiple of L. */
  private static void chunk(
      Activation activation, MemorySegment y, long offset, int n, VectorScratch scratch) {
    if (activation == Activation.RELU) {
      relu(y, offset, n);
      return;
    }
    MemorySegment a = scratch.arguments();
    float[] e = scratch.terms();
    switch (activation) {
      case GELU_TANH -> cubic(y, offset, n, a);
      case GELU_ERF -> halfSquare(y, offset, n, a);
      case SILU -> multiply(y, offset, n, -1f, a); // x * -1 is -x, to the bit
      case QUICK_GELU -> multiply(y, offset, n, Activations.QUICK, a);
      case TANH -> twiceMagnitude(y, offset, n, a);
      case RELU -> throw new AssertionError(activation);
    }
    VectorExp.exp(a, 0, 0, 1, n, scratch.bound(0f), e, 0, 0);
    switch (activation) {
      case GELU_TANH, SILU, QUICK_GELU -> gate(y, offset, n, e);
      case GELU_ERF -> geluErf(y, offset, n, e);
      case TANH -> tanh(y, offset, n, e);
      case RELU -> throw new AssertionError(activation);
    }
  }

  /** a = -2u, u = sqrt(2/pi) (x + 0.044715 x^3). */
  private static void cubic(MemorySegment y, long offset, int n, MemorySegment a) {
    FloatVector cubic = FloatVector.broadcast(FLOATS, Activations.GELU_CUBIC);
    FloatVector linear = FloatVector.broadcast(FLOATS, Activations.GELU_LINEAR);
    for (int i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, offset + (long) i * Float.BYTES, LE);
      FloatVector s = x.mul(x);
      FloatVector u = FMA ? s.fma(cubic, linear) : s.mul(cubic).add(linear);
      u.mul(x).intoMemorySegment(a, (long) i * Float.BYTES, LE);
    }
  }

  /** a = x * factor. */
  private static void multiply(MemorySegment y, long offset, int n, float factor, MemorySegment a) {
    for (int i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, offset + (long) i * Float.BYTES, LE);
      x.mul(factor).intoMemorySegment(a, (long) i * Float.BYTES, LE);
    }
  }

  /** a = x^2 * -0.5. */
  private static void halfSquare(MemorySegment y, long offset, int n, MemorySegment a) {
    for (int i = 0; i < n; i += L) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, offset + (long) i * Float.BYTES, LE);
      x.mul(x).mul(-0.5f).intoMemorySegment(a, (long) i * Float.BYTES, LE);
    }
  }

  /** a = 2 |x|. */
  private static void twiceMagnitude(MemorySegment y, long offset, int n, MemorySegment a) {
    for (int i = 0; i < n; i += L) {
      FloatVector x =
          FloatVector.fromMemorySegment(FLOATS, y, offset + (long) i * Float.BYTES, LE).abs();
      x.add(x).intoMemorySegment(a, (long) i * Float.BYTES, LE);
    }
  }

  /** x / (1 + e). */
  private static void gate(MemorySegment y, long offset, int n, float[] e) {
    for (int i = 0; i < n; i += L) {
      long at = offset + (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, y, at, LE)
          .div(FloatVector.fromArray(FLOATS, e, i).add(1f))
          .intoMemorySegment(y, at, LE);
    }
  }

  private static void relu(MemorySegment y, long offset, int n) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < n; i += L) {
      long at = offset + (long) i * Float.BYTES;
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      x.blend(zero, x.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, at, LE);
    }
  }

  /** x Phi(x), e = exp(-x^2 / 2). */
  private static void geluErf(MemorySegment y, long offset, int n, float[] e) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    FloatVector step = FloatVector.broadcast(FLOATS, Activations.PHI_STEP);
    FloatVector c7 = FloatVector.broadcast(FLOATS, Activations.PHI7);
    FloatVector c6 = FloatVector.broadcast(FLOATS, Activations.PHI6);
    FloatVector c5 = FloatVector.broadcast(FLOATS, Activations.PHI5);
    FloatVector c4 = FloatVector.broadcast(FLOATS, Activations.PHI4);
    FloatVector c3 = FloatVector.broadcast(FLOATS, Activations.PHI3);
    FloatVector c2 = FloatVector.broadcast(FLOATS, Activations.PHI2);
    FloatVector c1 = FloatVector.broadcast(FLOATS, Activations.PHI1);
    for (int i = 0; i < n; i += L) {
      long at = offset + (long) i * Float.BYTES;
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      FloatVector magnitude = x.abs();
      FloatVector t = one.div(FMA ? magnitude.fma(step, one) : magnitude.mul(step).add(one));
      FloatVector p = FMA ? c7.fma(t, c6) : c7.mul(t).add(c6);
      p = FMA ? p.fma(t, c5) : p.mul(t).add(c5);
      p = FMA ? p.fma(t, c4) : p.mul(t).add(c4);
      p = FMA ? p.fma(t, c3) : p.mul(t).add(c3);
      p = FMA ? p.fma(t, c2) : p.mul(t).add(c2);
      p = FMA ? p.fma(t, c1) : p.mul(t).add(c1);
      FloatVector tail = FloatVector.fromArray(FLOATS, e, i).mul(p.mul(t));
      FloatVector phi = one.sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f));
      x.mul(phi).intoMemorySegment(y, at, LE);
    }
  }

  /** tanh x, e = exp(2 |x|). */
  private static void tanh(MemorySegment y, long offset, int n, float[] e) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector c10 = FloatVector.broadcast(FLOATS, Activations.TANH10);
    FloatVector c8 = FloatVector.broadcast(FLOATS, Activations.TANH8);
    FloatVector c6 = FloatVector.broadcast(FLOATS, Activations.TANH6);
    FloatVector c4 = FloatVector.broadcast(FLOATS, Activations.TANH4);
    FloatVector c2 = FloatVector.broadcast(FLOATS, Activations.TANH2);
    for (int i = 0; i < n; i += L) {
      long at = offset + (long) i * Float.BYTES;
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, y, at, LE);
      FloatVector s = x.mul(x);
      FloatVector p = FMA ? c10.fma(s, c8) : c10.mul(s).add(c8);
      p = FMA ? p.fma(s, c6) : p.mul(s).add(c6);
      p = FMA ? p.fma(s, c4) : p.mul(s).add(c4);
      p = FMA ? p.fma(s, c2) : p.mul(s).add(c2);
      FloatVector small = x.mul(FMA ? p.fma(s, one) : p.mul(s).add(one));
      FloatVector large = one.sub(two.div(FloatVector.fromArray(FLOATS, e, i).add(1f)));
      large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
      large
          .blend(small, x.abs().compare(VectorOperators.LT, Activations.TANH_SMALL))
          .intoMemorySegment(y, at, LE);
    }
  }
}
