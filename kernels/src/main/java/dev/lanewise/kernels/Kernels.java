package dev.lanewise.kernels;

import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a backend computes. All backends give the same bits for the same arguments, whatever the
 * vector width, the number of rows in a call and the way a range is split among threads: each
 * method's documentation fixes its order of operations. With FMA, {@code fma(a, b, c)} rounds once;
 * where the JVM does not use FMA ({@code UseFMA}), every backend multiplies, rounds, then adds.
 *
 * <p>Memory is native and little-endian; offsets and strides are in bytes, ranges {@code [from,
 * to)} in elements. Arguments are checked once a call ({@link IllegalArgumentException}, {@link
 * IndexOutOfBoundsException}). No method allocates. Operands must not overlap unless said so.
 * Thread-safe: state lives in the arguments.
 *
 * <p>"16 lanes": element i is added to lane i mod 16 in order of i, over the whole groups of 16;
 * then the lanes are added as a tree, {@code l[j] += l[j + 8]}, {@code + 4}, {@code + 2}, {@code +
 * 1}; then the elements left over, one by one.
 */
public interface Kernels {

  /**
   * The backend that the system property {@value KernelMode#PROPERTY} names ({@link KernelMode},
   * {@code auto} without it), chosen at the first call and the same object ever after.
   *
   * <p>{@code auto} without the module jdk.incubator.vector falls back to the scalar kernels and
   * logs one warning that contains the flag to add.
   *
   * @throws IllegalArgumentException if the property has any other value
   * @throws IllegalStateException if it demands vector kernels that are not available
   */
  static Kernels get() {
    return KernelProvider.chosen();
  }

  /**
   * The backend for {@code mode}, whatever the system property says; the same object at each call.
   *
   * @throws IllegalStateException if vector kernels are demanded and not available
   */
  static Kernels select(KernelMode mode) {
    return KernelProvider.select(mode);
  }

  /** Whether the system property demands one backend, which nothing may stand in for. */
  static boolean isForced() {
    return KernelProvider.mode() != KernelMode.AUTO;
  }

  /** The scalar kernels, which run everywhere. */
  static Kernels scalar() {
    return KernelProvider.SCALAR;
  }

  /**
   * The vector kernels.
   *
   * @throws IllegalStateException if they are not available; the message says which flag to add,
   *     the cause why
   */
  static Kernels vector() {
    return KernelProvider.vector();
  }

  /**
   * Whether multiply and add round once ({@code UseFMA} of this JVM). Results with and without
   * differ in their last bits.
   */
  static boolean usesFma() {
    return Fma.ENABLED;
  }

  /** {@code vector} or {@code scalar}. */
  String name();

  /** Width of the vectors in bits, 0 for the scalar backend. */
  int vectorBits();

  /**
   * Copies rows [from, to) of x into {@code packed}, which was {@linkplain PackedRows#reset reset}
   * to all rows of x, and rounds them where {@link PackedRows} says so. {@code from} is a multiple
   * of 8, {@code to} too or the number of rows.
   *
   * @param x {@code (rows, in)}
   */
  void pack(MemorySegment x, long xOffset, long xRowStride, PackedRows packed, int from, int to);

  /**
   * y = x W + bias, or y += x W, for the output columns [from, to) of all rows.
   *
   * <p>{@link Matrix.Layout#IN_OUT} and {@link Matrix.Layout#PANELS}: each element starts as its
   * bias (0 without one, y itself when accumulating), then {@code s = fma(x[k], W[k][n], s)} for k
   * = 0, 1, ... {@link Matrix.Layout#OUT_IN}: the dot product of row and weights in 16 lanes
   * starting at 0, {@code lane = fma(x[k], W[n][k], lane)}, then added to the start. Of {@link
   * DType#I8A8}: see {@link SmallWeights}.
   *
   * @param x {@code (rows, in)}, packed for W's layout
   * @param bias of {@code out} values, or null; must be null when accumulating
   * @param y {@code (rows, out)}
   * @param yOffset of column 0 of row 0, bytes
   */
  void matmul(
      PackedRows x,
      Matrix w,
      @Nullable Floats bias,
      boolean accumulate,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int from,
      int to);

  /** y[r][i] += bias[i] for rows [from, to); y {@code (rows, bias.length)}. */
  void addBias(MemorySegment y, long yOffset, long yRowStride, int from, int to, Floats bias);

  /** y[i] = a[i] + b[i] for n values; y may be a or b. */
  void add(
      MemorySegment a,
      long aOffset,
      MemorySegment b,
      long bOffset,
      MemorySegment y,
      long yOffset,
      int n);

  /**
   * Layer normalization ("Layer Normalization", Ba et al. 2016) of rows [from, to): y = (x - mean)
   * / sqrt(variance + epsilon) * gain + bias. y may be x.
   *
   * <p>mean = sum / n with the sum in 16 lanes; variance = sum of {@code fma(d, d, lane)} in 16
   * lanes / n, d = x - mean; {@code inv = (float) (1 / sqrt((double) variance + epsilon))}; y =
   * {@code fma(d * inv, gain, bias)}.
   *
   * @param x {@code (rows, n)}, n the gain's length
   */
  void layerNorm(
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
      long yRowStride);

  /**
   * Applies {@code activation} in place to columns [from, to) of {@code rows} rows.
   *
   * @param y {@code (rows, columns)}
   * @param yOffset of column 0 of row 0, bytes
   */
  void activate(
      Activation activation,
      MemorySegment y,
      long yOffset,
      long yRowStride,
      int rows,
      int from,
      int to);

  /**
   * Stores keys and values of {@code rows} consecutive positions in the cache, for heads [from,
   * to).
   *
   * @param kv holds k {@code (rows, heads, headSize)} at {@code kOffset} and v of the same shape
   *     and row stride at {@code vOffset}
   * @param position of row 0
   */
  void appendKeysAndValues(
      MemorySegment kv,
      long kOffset,
      long vOffset,
      long rowStride,
      int rows,
      int position,
      KvCache cache,
      int layer,
      int from,
      int to);

  /**
   * Causal scaled dot-product attention ("Attention Is All You Need", 3.2.1) with an online softmax
   * ("Online normalizer calculation for softmax", Milakov and Gimelshein 2018), for heads [from,
   * to): the query at position p sees the cached positions 0..p, its own included.
   *
   * <p>For each query and head alone: q' = q * scale; keys in blocks of {@link KvCache#BLOCK}
   * counted from position 0. In a block: score = {@code fma(q'[d], key[d], s)} for d = 0, 1, ...
   * from 0; m' = max(m, scores); e = exp(score - m') by the backends' own polynomial; sum = sum *
   * exp(m - m') + the block's e in 16 lanes; o = o * exp(m - m'), then {@code o = fma(e, value, o)}
   * for each position in order. (First block: sum and o start at 0, without the factor.) At the end
   * o * (1 / sum).
   *
   * @param q {@code (rows, heads, headSize)}
   * @param position of row 0
   * @param out {@code (rows, heads, headSize)}
   * @param scratch of the calling thread, made for this head size
   */
  void attention(
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
      AttentionScratch scratch);

  /**
   * x = exp(x - max) / sum in place, n at least 1. The sum is taken in 16 lanes; each value is then
   * multiplied by 1 / sum.
   */
  void softmax(MemorySegment x, long offset, int n);

  /**
   * log(sum of exp(x)) = max + log(sum of exp(x - max)), n at least 1; the sum in 16 lanes, its
   * logarithm by {@link StrictMath}.
   */
  float logSumExp(MemorySegment x, long offset, int n);
}
