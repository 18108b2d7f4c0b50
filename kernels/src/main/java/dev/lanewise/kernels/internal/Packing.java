package dev.lanewise.kernels.internal;

import dev.lanewise.kernels.PackedRows;
import java.lang.foreign.MemorySegment;

/**
 * Copies rows of x into the order that matmul reads. It moves bits, and rounds where I8A8 asks for
 * it; the backends share it.
 */
public final class Packing {

  private Packing() {}

  /** See {@link dev.lanewise.kernels.Kernels#pack}. */
  public static void pack(
      MemorySegment x, long xOffset, long xRowStride, PackedRows packed, int from, int to) {
    Arguments.pack(x, xOffset, xRowStride, packed, from, to);
    int in = packed.in();
    float[] data = packed.data();
    if (packed.layout().isDot()) {
      for (int row = from; row < to; row++) {
        MemorySegment.copy(x, F32.LAYOUT, xOffset + row * xRowStride, data, row * in, in);
      }
      return;
    }
    for (int row = from; row < to; ) {
      int rows = packed.panelRows(row);
      long offset = xOffset + row * xRowStride;
      switch (rows) {
        case 8 -> panel8(x, offset, xRowStride, data, row * in, in);
        case 1 -> MemorySegment.copy(x, F32.LAYOUT, offset, data, row * in, in);
        default -> panel(x, offset, xRowStride, data, row * in, in, rows);
      }
      row += rows;
    }
    if (packed.isRounded()) {
      RowRounding.round(packed, from, to);
    }
  }

  private static void panel(
      MemorySegment x, long offset, long rowStride, float[] data, int at, int in, int rows) {
    for (int i = 0; i < rows; i++) {
      long source = offset + i * rowStride;
      for (int k = 0; k < in; k++) {
        data[at + k * rows + i] = x.get(F32.LAYOUT, source + (long) k * Float.BYTES);
      }
    }
  }

  /** Eight rows side by side: whole cache lines are written once. */
  private static void panel8(
      MemorySegment x, long offset, long rowStride, float[] data, int at, int in) {
    for (int k = 0; k < in; k++) {
      long source = offset + (long) k * Float.BYTES;
      int target = at + k * 8;
      data[target] = x.get(F32.LAYOUT, source);
      data[target + 1] = x.get(F32.LAYOUT, source + rowStride);
      data[target + 2] = x.get(F32.LAYOUT, source + 2 * rowStride);
      data[target + 3] = x.get(F32.LAYOUT, source + 3 * rowStride);
      data[target + 4] = x.get(F32.LAYOUT, source + 4 * rowStride);
      data[target + 5] = x.get(F32.LAYOUT, source + 5 * rowStride);
      data[target + 6] = x.get(F32.LAYOUT, source + 6 * rowStride);
      data[target + 7] = x.get(F32.LAYOUT, source + 7 * rowStride);
    }
  }
}
