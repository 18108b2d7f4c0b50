package dev.lanewise.kernels.internal;

import dev.lanewise.kernels.AttentionScratch;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.KvCache;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What every backend checks once a call, before it touches memory. */
public final class Arguments {

  private Arguments() {}

  /** A vector of n floats in native memory. */
  public static void floats(MemorySegment segment, long offset, int n) {
    rows(segment, offset, 0, 1, n);
  }

  /** Rows of {@code columns} floats in native memory that do not overlap one another. */
  public static void rows(
      MemorySegment segment, long offset, long rowStride, int rows, int columns) {
    if (rows < 0 || columns < 0) {
      throw new IllegalArgumentException("negative size: " + rows + " rows of " + columns);
    }
    if (!segment.isNative()) {
      throw new IllegalArgumentException("operands must be in native memory");
    }
    if (rows == 0 || columns == 0) {
      return;
    }
    long rowBytes = (long) columns * Float.BYTES;
    if (rows > 1 && rowStride < rowBytes) {
      throw new IllegalArgumentException(
          "row stride of " + rowStride + " bytes, expected at least " + rowBytes);
    }
    if (rows > 1 && rowStride > (segment.byteSize() - rowBytes) / (rows - 1)) { // cannot overflow
      throw new IndexOutOfBoundsException(
          "%d rows of %d bytes, %d bytes apart, in %d bytes of memory"
              .formatted(rows, rowBytes, rowStride, segment.byteSize()));
    }
    Objects.checkFromIndexSize(offset, (rows - 1L) * rowStride + rowBytes, segment.byteSize());
  }

  /** Rows [from, to) of a matrix that begins at {@code offset}. */
  public static void rowRange(
      MemorySegment segment, long offset, long rowStride, int from, int to, int columns) {
    range(from, to, Integer.MAX_VALUE);
    rows(segment, offset + from * rowStride, rowStride, to - from, columns);
  }

  /** A range [from, to) within {@code size}. */
  public static void range(int from, int to, int size) {
    Objects.checkFromToIndex(from, to, size);
  }

  /** Of {@link dev.lanewise.kernels.Kernels#pack}. */
  public static void pack(
      MemorySegment x, long xOffset, long xRowStride, PackedRows packed, int from, int to) {
    range(from, to, packed.rows());
    if (from % 8 != 0 || (to % 8 != 0 && to != packed.rows())) {
      throw new IllegalArgumentException(
          "rows [" + from + ", " + to + ") of " + packed.rows() + " do not begin and end panels");
    }
    rowRange(x, xOffset, xRowStride, from, to, packed.in());
  }

  /** Of {@link dev.lanewise.kernels.Kernels#matmul}. */
  public static void matmul(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    range(from, to, w.out());
    if (x.in() != w.in()) {
      throw new IllegalArgumentException(
          "rows of " + x.in() + " values, weights for " + w.in() + " inputs");
    }
    if (x.layout().isDot() != w.layout().isDot()) {
      throw new IllegalArgumentException(
          "rows are packed for " + x.layout() + ", weights are " + w.layout());
    }
    if (x.isRounded() != (w.type() == DType.I8A8)) {
      throw new IllegalArgumentException(
          "rows are " + (x.isRounded() ? "" : "not ") + "rounded, weights are " + w.type());
    }
    if (bias != null && accumulate) {
      throw new IllegalArgumentException("a bias cannot be given when accumulating");
    }
    if (bias != null && bias.length() != w.out()) {
      throw new IllegalArgumentException(
          "bias of " + bias.length() + " values for " + w.out() + " outputs");
    }
    rows(y, yOffset, yRowStride, x.rows(), w.out());
  }

  /** Of {@link dev.lanewise.kernels.Kernels#layerNorm}: gain and bias. */
  public static void sameLength(Floats gain, Floats bias) {
    if (gain.length() != bias.length()) {
      throw new IllegalArgumentException(
          "gain of " + gain.length() + " values, bias of " + bias.length());
    }
  }

  /** At least one value. */
  public static void notEmpty(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("needs at least 1 value, got " + n);
    }
  }

  /** Positions [position, position + rows) of a layer's heads [from, to) in a cache. */
  public static void cache(KvCache cache, int layer, int position, int rows, int from, int to) {
    Objects.checkIndex(layer, cache.layers());
    range(from, to, cache.heads());
    Objects.checkFromIndexSize(position, rows, cache.capacity());
  }

  /** Of {@link dev.lanewise.kernels.Kernels#attention}. */
  public static void attention(
      MemorySegment q,
      long qOffset,
      long qRowStride,
      int rows,
      int position,
      KvCache cache,
      int layer,
      int from,
      int to,
      MemorySegment out,
      long outOffset,
      long outRowStride,
      AttentionScratch scratch) {
    cache(cache, layer, position, rows, from, to);
    int columns = cache.heads() * cache.headSize();
    rows(q, qOffset, qRowStride, rows, columns);
    rows(out, outOffset, outRowStride, rows, columns);
    if (scratch.headSize() != cache.headSize()) {
      throw new IllegalArgumentException(
          "scratch for heads of " + scratch.headSize() + ", cache of " + cache.headSize());
    }
  }
}
