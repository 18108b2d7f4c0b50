package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.BYTES;
import static dev.lanewise.kernels.internal.vector.Species.FLOATS;
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
 * <p>One core, 512 bits, a read bandwidth of 26 GB/s, pages of 4 KiB: four streams 24-28 GB/s, one
 * stream 18-25; with huge pages 31 and 33. The same loop counted by an int ran at 10 GB/s: C2
 * unrolls it, loads ahead and spills.
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
    if (n % Matrix.PANEL != 0) {
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

  /** {@code startStep}: bytes from one vector of what the sums start from to the next. */
  private static void multiply(
      float[] x,
      int in,
      MemorySegment w,
      long wOffset,
      MemorySegment start,
      long startOffset,
      long startStep,
      MemorySegment y,
      long yOffset) {
    long step = (long) Matrix.PANEL * Float.BYTES;
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
    for (long p = wOffset; p != end; p += step, k++) {
      FloatVector v = FloatVector.broadcast(FLOATS, x[k]);
      s0 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p, LE), v, s0);
      s1 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p + o1, LE), v, s1);
      s2 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p + o2, LE), v, s2);
      s3 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p + o3, LE), v, s3);
      s4 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p + o4, LE), v, s4);
      s5 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p + o5, LE), v, s5);
      s6 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p + o6, LE), v, s6);
      s7 = Species.fma(FloatVector.fromMemorySegment(FLOATS, w, p + o7, LE), v, s7);
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
