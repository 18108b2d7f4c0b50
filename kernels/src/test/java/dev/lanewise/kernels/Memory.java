package dev.lanewise.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Native test operands: exact-size segments at odd offsets, seeded values, canaries. */
final class Memory {

  static final ValueLayout.OfFloat LAYOUT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A NaN that no kernel makes. */
  static final float CANARY = Float.intBitsToFloat(0x7FDEAD01);

  private Memory() {}

  /** Values in (-1, 1), the same for the same seed. */
  static float[] random(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (random.nextDouble() * 2 - 1);
    }
    return values;
  }

  static double[] doubles(float[] values) {
    double[] copy = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      copy[i] = values[i];
    }
    return copy;
  }

  /**
   * Rows of {@code columns} values in a segment that begins {@code lead} bytes before the first
   * value and ends with the last; what lies between rows is {@link #CANARY}.
   */
  static MemorySegment rows(
      Arena arena, float[] values, int rows, int columns, long lead, long strideBytes) {
    long end = rows == 0 ? 0 : (rows - 1) * strideBytes + (long) columns * Float.BYTES;
    MemorySegment segment = arena.allocate(lead + end, 1);
    for (long at = lead % Float.BYTES; at + Float.BYTES <= segment.byteSize(); at += Float.BYTES) {
      segment.set(LAYOUT, at, CANARY);
    }
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        segment.set(LAYOUT, lead + r * strideBytes + c * 4L, values[r * columns + c]);
      }
    }
    return segment;
  }

  static MemorySegment dense(Arena arena, float[] values) {
    MemorySegment segment = arena.allocate(Math.max(4, values.length * 4L), 64);
    MemorySegment.copy(values, 0, segment, LAYOUT, 0, values.length);
    return segment.asSlice(0, values.length * 4L);
  }

  static Floats floats(Arena arena, float[] values) {
    return new Floats(dense(arena, values), 0, values.length);
  }

  static float[] read(MemorySegment segment, long offset, long strideBytes, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        values[r * columns + c] = segment.get(LAYOUT, offset + r * strideBytes + c * 4L);
      }
    }
    return values;
  }

  /** Bits of all values, every NaN made the same: its payload is not part of the contract. */
  static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }

  /** Weights (in, out) or (out, in) in the given order; in panels they are a copy. */
  static Matrix matrix(
      Arena arena, MemorySegment w, long offset, int in, int out, Matrix.Layout layout) {
    if (layout != Matrix.Layout.PANELS) {
      return new Matrix(w, offset, in, out, layout);
    }
    Matrix panels = Matrix.panels(arena, in, out);
    panels.packPanels(new Matrix(w, offset, in, out, Matrix.Layout.IN_OUT), 0, out);
    return panels;
  }
}
