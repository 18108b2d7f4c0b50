package dev.lanewise.internal.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Turns a float32 matrix, tile by tile, so that both sides stay in cache. */
final class Transpose {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int TILE = 32;

  private Transpose() {}

  /**
   * target[c][r] = source[r][c].
   *
   * @param source {@code (rows, columns)} from byte {@code offset}
   * @param target {@code (columns, rows)} from byte 0
   */
  static void turn(MemorySegment source, long offset, int rows, int columns, MemorySegment target) {
    for (int row = 0; row < rows; row += TILE) {
      int rowEnd = Math.min(rows, row + TILE);
      for (int column = 0; column < columns; column += TILE) {
        tile(source, offset, rows, columns, target, row, rowEnd, column);
      }
    }
  }

  private static void tile(
      MemorySegment source,
      long offset,
      int rows,
      int columns,
      MemorySegment target,
      int rowStart,
      int rowEnd,
      int columnStart) {
    int columnEnd = Math.min(columns, columnStart + TILE);
    for (int column = columnStart; column < columnEnd; column++) {
      long to = (long) column * rows * Float.BYTES;
      for (int row = rowStart; row < rowEnd; row++) {
        long from = offset + ((long) row * columns + column) * Float.BYTES;
        target.set(FLOAT, to + (long) row * Float.BYTES, source.get(FLOAT, from));
      }
    }
  }
}
