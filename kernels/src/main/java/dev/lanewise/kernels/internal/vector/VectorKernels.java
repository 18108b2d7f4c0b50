package dev.lanewise.kernels.internal.vector;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.AttentionScratch;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.KvCache;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.internal.Arguments;
import dev.lanewise.kernels.internal.KvAppend;
import dev.lanewise.kernels.internal.Packing;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The backend of the Vector API. Checks arguments and delegates. */
public final class VectorKernels implements Kernels {

  /**
   * Stateless.
   *
   * @throws UnsupportedOperationException if the JVM has no vectors of 128 bits
   */
  public VectorKernels() {
    if (vectorBits() < 128) {
      throw new UnsupportedOperationException(
          "this JVM's vectors have %d bits, at least 128 are needed".formatted(vectorBits()));
    }
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int vectorBits() {
    return Species.FLOATS.vectorBitSize();
  }

  @Override
  public void pack(
      MemorySegment x, long xOffset, long xRowStride, PackedRows packed, int from, int to) {
    Packing.pack(x, xOffset, xRowStride, packed, from, to);
  }

  @Override
  public void matmul(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to) {
    Arguments.matmul(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
    if (w.type() == DType.I8A8) {
      VectorRoundedMatmul.multiply(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
      return;
    }
    if (w.type() != DType.F32) {
      VectorSmallMatmul.multiply(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
      return;
    }
    switch (w.layout()) {
      case IN_OUT, PANELS ->
          VectorMatmul.multiply(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
      case OUT_IN ->
          VectorDotMatmul.multiply(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
    }
  }

  @Override
  public void addBias(
      MemorySegment y, long yOffset, long yRowStride, int from, int to, Floats bias) {
    int n = bias.length();
    Arguments.rowRange(y, yOffset, yRowStride, from, to, n);
    for (int row = from; row < to; row++) {
      long at = yOffset + row * yRowStride;
      VectorAdd.add(y, at, bias.segment(), bias.offset(), y, at, n);
    }
  }

  @Override
  public void add(
      MemorySegment a,
      long aOffset,
      MemorySegment b,
      long bOffset,
      MemorySegment y,
      long yOffset,
      int n) {
    Arguments.floats(a, aOffset, n);
    Arguments.floats(b, bOffset, n);
    Arguments.floats(y, yOffset, n);
    VectorAdd.add(a, aOffset, b, bOffset, y, yOffset, n);
  }

  @Override
  public void layerNorm(
      MemorySegment x,
      long xOffset,
      long xRowStride,
      int from,
      int to,
      Floats gain,
      Floats bias,
      float epsilon,
      MemorySegment y,
      long yOffset,
      long yRowStride) {
    Arguments.sameLength(gain, bias);
    Arguments.rowRange(x, xOffset, xRowStride, from, to, gain.length());
    Arguments.rowRange(y, yOffset, yRowStride, from, to, gain.length());
    VectorLayerNorm.normalize(
        x, xOffset, xRowStride, from, to, gain, bias, epsilon, y, yOffset, yRowStride);
  }

  @Override
  public void activate(
      Activation activation,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int rows,
      int from,
      int to) {
    Arguments.range(from, to, Integer.MAX_VALUE);
    Arguments.rows(y, yOffset, yRowStride, rows, to);
    VectorActivation.apply(activation, y, yOffset, yRowStride, rows, from, to);
  }

  @Override
  public void appendKeysAndValues(
      MemorySegment kv,
      long kOffset,
      long vOffset,
      long rowStride,
      int rows,
      int position,
      KvCache cache,
      int layer,
      int from,
      int to) {
    KvAppend.append(kv, kOffset, vOffset, rowStride, rows, position, cache, layer, from, to);
  }

  @Override
  public void attention(
      MemorySegment q,
      long qOffset,
      long qRowStride,
      int rows,
      int position,
      KvCache cache,
      int layer,
      int from,
      int to,
      float scale,
      MemorySegment out,
      long outOffset,
      long outRowStride,
      AttentionScratch scratch) {
    Arguments.attention(
        q,
        qOffset,
        qRowStride,
        rows,
        position,
        cache,
        layer,
        from,
        to,
        out,
        outOffset,
        outRowStride,
        scratch);
    VectorAttention.attend(
        q,
        qOffset,
        qRowStride,
        rows,
        position,
        cache,
        layer,
        from,
        to,
        scale,
        out,
        outOffset,
        outRowStride,
        scratch);
  }

  @Override
  public void softmax(MemorySegment x, long offset, int n) {
    Arguments.notEmpty(n);
    Arguments.floats(x, offset, n);
    VectorSoftmax.softmax(x, offset, n);
  }

  @Override
  public float logSumExp(MemorySegment x, long offset, int n) {
    Arguments.notEmpty(n);
    Arguments.floats(x, offset, n);
    return VectorSoftmax.logSumExp(x, offset, n);
  }
}
