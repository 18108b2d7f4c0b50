package dev.lanewise.kernels.internal.vector;

import static dev.lanewise.kernels.internal.vector.Species.EIGHT_ROWS;

import java.lang.foreign.MemorySegment;

/** Chooses the kernel for a panel of 8, 4, 2 or 1 rows, packed as {@code (k, rows)}. */
final class Panels {

  private Panels() {}

  /** See {@link MultiplyEightRows}; two vectors of columns or one. */
  static void multiply(
      int rows,
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      boolean two,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    if (two) {
      byTwo(
          rows,
          x,
          at,
          w,
          wOffset,
          wStride,
          count,
          start,
          startOffset,
          startStride,
          y,
          yOffset,
          yStride);
    } else {
      byOne(
          rows,
          x,
          at,
          w,
          wOffset,
          wStride,
          count,
          start,
          startOffset,
          startStride,
          y,
          yOffset,
          yStride);
    }
  }

  private static void byTwo(
      int rows,
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    switch (rows) {
      case 8 -> {
        if (EIGHT_ROWS) {
          MultiplyEightRows.byTwo(
              x,
              at,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
        } else {
          MultiplyFourRows.byTwo(
              x,
              at,
              8,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
          MultiplyFourRows.byTwo(
              x,
              at + 4,
              8,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset + 4 * startStride,
              startStride,
              y,
              yOffset + 4 * yStride,
              yStride);
        }
      }
      case 4 ->
          MultiplyFourRows.byTwo(
              x,
              at,
              4,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
      case 2 ->
          MultiplyTwoRows.byTwo(
              x,
              at,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
      default ->
          MultiplyOneRow.byTwo(
              x,
              at,
              1,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
    }
  }

  private static void byOne(
      int rows,
      float[] x,
      int at,
      MemorySegment w,
      long wOffset,
      long wStride,
      int count,
      MemorySegment start,
      long startOffset,
      long startStride,
      MemorySegment y,
      long yOffset,
      long yStride) {
    switch (rows) {
      case 8 -> {
        if (EIGHT_ROWS) {
          MultiplyEightRows.byOne(
              x,
              at,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
        } else {
          MultiplyFourRows.byOne(
              x,
              at,
              8,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
          MultiplyFourRows.byOne(
              x,
              at + 4,
              8,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset + 4 * startStride,
              startStride,
              y,
              yOffset + 4 * yStride,
              yStride);
        }
      }
      case 4 ->
          MultiplyFourRows.byOne(
              x,
              at,
              4,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
      case 2 ->
          MultiplyTwoRows.byOne(
              x,
              at,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
      default ->
          MultiplyOneRow.byOne(
              x,
              at,
              1,
              w,
              wOffset,
              wStride,
              count,
              start,
              startOffset,
              startStride,
              y,
              yOffset,
              yStride);
    }
  }
}
