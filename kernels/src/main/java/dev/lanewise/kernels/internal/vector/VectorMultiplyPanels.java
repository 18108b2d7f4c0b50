package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
import static dev.lanewise.kernels.internal.vector.Species.FMA;
import static dev.lanewise.kernels.internal.vector.Species.L;
import static dev.lanewise.kernels.internal.vector.Species.LE;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * One row of x times weights in panels, for decoding: bound by the memory that weights are read
 * from. Eight vectors of columns at a time, which at 512 bits are four panels, four streams.
 *
 * <p>One core with 512 bits and a read bandwidth of 26 GB/s: 26-29 GB/s inside a forward pass. The
 * step is a parameter on purpose, so that C2 does not take the loop for a counted one. Counted by
 * an int it was unrolled, loads were regrouped and spilled: 9-11 GB/s. Counted by {@code p != end}
 * with a constant step, a hoisted range check failed at the end of a matrix each time: C2 compiled
 * the method again and again, and it never became fast.
 */
final class VectorMultiplyPanels {

  private static final int VECTORS = 8;

  private VectorMultiplyPanels() {}

  /**
   * Columns from {@code from} on, as many as whole groups of panels cover.
   *
   * @return the first column that is left to do
   */
  static int multiply(
      float[] x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      int from,
      int to) {
    int n = from;
    if (n % Matrix.PANEL != 0 || !FMA) { // twice the operations are more than C2 inlines
      return n;
    }
    for (; n + Math.max(VECTORS * L, Matrix.PANEL) <= to; n += VECTORS * L) {
      long column = (long) n * Float.BYTES;
      MemorySegment start = accumulate ? y : bias == null ? Zeros.SEGMENT : bias.segment();
      long startOffset = accumulate ? yOffset + column : bias == null ? 0 : bias.offset() + column;
      multiply(
          x,
          w.in(),
          w.segment(),
          w.offsetOf(0, n),
          w.inStride(n),
          start,
          startOffset,
          accumulate || bias != null ? BYTES : 0,
          y,
          yOffset + column);
    }
    return n;
  }

  /** Bytes from vector 0 to vector i of a group. */
  private static long vectorOffset(int i, long panelBytes) {
    int column = i * L;
    return column / Matrix.PANEL * panelBytes + (long) (column % Matrix.PANEL) * Float.BYTES;
  }

  /**
   * {@code step}: bytes from one k to the next, {@code startStep}: from one vector of what the sums
   * start from to the next.
   */
  private static void multiply(
      float[] x,
      int in,
      MemorySegment w,
      long wOffset,
      long step,
      MemorySegment start,
      long startOffset,
      long startStep,
      MemorySegment y,
      long yOffset) {
    long panelBytes = in * step;
    long o1 = vectorOffset(1, panelBytes);
    long o2 = vectorOffset(2, panelBytes);
    long o3 = vectorOffset(3, panelBytes);
    long o4 = vectorOffset(4, panelBytes);
    long o5 = vectorOffset(5, panelBytes);
    long o6 = vectorOffset(6, panelBytes);
    long o7 = vectorOffset(7, panelBytes);
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, start, startOffset, LE);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + startStep, LE);
    FloatVector s2 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 2 * startStep, LE);
    FloatVector s3 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 3 * startStep, LE);
    FloatVector s4 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 4 * startStep, LE);
    FloatVector s5 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 5 * startStep, LE);
    FloatVector s6 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 6 * startStep, LE);
    FloatVector s7 = FloatVector.fromMemorySegment(FLOATS, start, startOffset + 7 * startStep, LE);
    int k = 0;
    long end = wOffset + panelBytes;
    for (long p = wOffset; p < end; p += step, k++) {
      FloatVector v = FloatVector.broadcast(FLOATS, x[k]);
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, w, p, LE);
      s0 = w0.fma(v, s0);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, w, p + o1, LE);
      s1 = w1.fma(v, s1);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, w, p + o2, LE);
      s2 = w2.fma(v, s2);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, w, p + o3, LE);
      s3 = w3.fma(v, s3);
      FloatVector w4 = FloatVector.fromMemorySegment(FLOATS, w, p + o4, LE);
      s4 = w4.fma(v, s4);
      FloatVector w5 = FloatVector.fromMemorySegment(FLOATS, w, p + o5, LE);
      s5 = w5.fma(v, s5);
      FloatVector w6 = FloatVector.fromMemorySegment(FLOATS, w, p + o6, LE);
      s6 = w6.fma(v, s6);
      FloatVector w7 = FloatVector.fromMemorySegment(FLOATS, w, p + o7, LE);
      s7 = w7.fma(v, s7);
    }
    s0.intoMemorySegment(y, yOffset, LE);
    s1.intoMemorySegment(y, yOffset + BYTES, LE);
    s2.intoMemorySegment(y, yOffset + 2 * BYTES, LE);
    s3.intoMemorySegment(y, yOffset + 3 * BYTES, LE);
    s4.intoMemorySegment(y, yOffset + 4 * BYTES, LE);
    s5.intoMemorySegment(y, yOffset + 5 * BYTES, LE);
    s6.intoMemorySegment(y, yOffset + 6 * BYTES, LE);
    s7.intoMemorySegment(y, yOffset + 7 * BYTES, LE);
  }
}
