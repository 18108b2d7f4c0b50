package dev.lanewise.kernels.internal.scalar;

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

/** The backend that runs everywhere; plain loops. Checks arguments and delegates. */
public final class ScalarKernels implements Kernels {

  /** Stateless. */
  public ScalarKernels() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int vectorBits() {
    return 0;
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
      ScalarRoundedMatmul.multiply(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
      return;
    }
    switch (w.layout()) {
      case IN_OUT, PANELS ->
          ScalarMatmul.multiply(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
      case OUT_IN ->
          ScalarDotMatmul.multiply(x, w, bias, accumulate, y, yOffset, yRowStride, from, to);
    }
  }

  @Override
  public void addBias(
      MemorySegment y, long yOffset, long yRowStride, int from, int to, Floats bias) {
    int n = bias.length();
    Arguments.rowRange(y, yOffset, yRowStride, from, to, n);
    for (int row = from; row < to; row++) {
      long at = yOffset + row * yRowStride;
      ScalarAdd.add(y, at, bias.segment(), bias.offset(), y, at, n);
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
    ScalarAdd.add(a, aOffset, b, bOffset, y, yOffset, n);
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
    ScalarLayerNorm.normalize(
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
    ScalarActivation.apply(activation, y, yOffset, yRowStride, rows, from, to);
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
    ScalarAttention.attend(
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
    ScalarSoftmax.softmax(x, offset, n);
  }

  @Override
  public float logSumExp(MemorySegment x, long offset, int n) {
    Arguments.notEmpty(n);
    Arguments.floats(x, offset, n);
    return ScalarSoftmax.logSumExp(x, offset, n);
  }
}
