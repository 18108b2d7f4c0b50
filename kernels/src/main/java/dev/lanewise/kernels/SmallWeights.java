package dev.lanewise.kernels;

import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/**
 * Weights of 16, 8 or 4 bits, in panels of 32 outputs that are as small as the files they come
 * from.
 *
 * <p>Each stands for one float32, the same in every kernel and the one that ggml's formats define:
 *
 * <ul>
 *   <li>{@link DType#F16}, {@link DType#BF16}: the number itself.
 *   <li>{@link DType#Q8_0}: q * d, an F16 scale d for 32 inputs of an output, q from -128 to 127.
 *   <li>{@link DType#Q4_0}: (q - 8) * d, q from 0 to 15.
 *   <li>{@link DType#I8_SCALED}: q * d, one float32 scale d for an output, which has at most 22
 *       significant bits; one rounding.
 *   <li>{@link DType#I8A8}: the same, as an embedding.
 * </ul>
 *
 * <p>A zero is positive whatever the sign of its scale.
 *
 * <p>A matmul is that of float32 on these numbers, in the order of {@link Matrix.Layout#PANELS} and
 * bit for bit, whatever is faster inside. That of I8A8 is another: rows of x are rounded to
 * integers from -127 to 127 and a scale s ({@link PackedRows}); the products with q of {@link
 * #EXACT_INPUTS} inputs at a time are summed exactly, as integers, and {@code y = fma(sum, s * d,
 * y)} for each such sum, in the order of the inputs.
 *
 * <p>A panel is {@code (in / 32)} blocks of 32 inputs by 32 outputs, after, for types with output
 * scales, the 32 scales. A block is first, for Q8_0 and Q4_0, 16 ints with the scales of outputs j
 * and j + 16 in the lower and upper half of int j; then steps of 2, 4 or 8 inputs, each 32 ints, of
 * which int n holds output n's weights, the first input in the lowest bits. So a vector of ints
 * becomes, by shifting, the vectors of floats that belong to successive inputs. Bytes hold q + 128.
 * The last panel is filled up with outputs whose weights are 0.
 */
public final class SmallWeights {

  /** Inputs of a block; the number of inputs must be a multiple. */
  public static final int BLOCK = 32;

  /**
   * Inputs whose products of 8 by 8 bits have a sum that a float32 holds: 1024 * 127 * 127 is less
   * than 2^24. So float32 lanes, which are the fastest that the Vector API has for this, add them
   * exactly and in any order; so would 32-bit integers.
   */
  public static final int EXACT_INPUTS = 1024;

  /** The types. */
  public static final List<DType> TYPES =
      List.of(DType.F16, DType.BF16, DType.I8_SCALED, DType.I8A8, DType.Q8_0, DType.Q4_0);

  /** Of an output. 384 times as much is a float yet. */
  private static final float LARGEST_SCALE = 0x1p118f;

  private static final int PANEL = Matrix.PANEL;
  private static final int STEP_BYTES = PANEL * Integer.BYTES;
  private static final int HALF_SCALES = PANEL / 2;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private SmallWeights() {}

  /** Whether a matrix of so many inputs can have this type. */
  public static boolean fits(DType type, int in) {
    return TYPES.contains(type) && in % BLOCK == 0;
  }

  /** Bits a weight, scales aside. */
  public static int bits(DType type) {
    return switch (type) {
      case F16, BF16 -> 16;
      case I8_SCALED, I8A8, Q8_0 -> 8;
      case Q4_0 -> 4;
      default -> throw new IllegalArgumentException(type + " is no type of small weights");
    };
  }

  /** Bytes before the blocks of a panel. */
  public static int headBytes(DType type) {
    return type.hasOutputScales() ? PANEL * Float.BYTES : 0;
  }

  /** Bytes of the scales of a block. */
  public static int scaleBytes(DType type) {
    return type.isQuantized() ? PANEL * Short.BYTES : 0;
  }

  /** Bytes of a block. */
  public static int blockBytes(DType type) {
    return scaleBytes(type) + BLOCK * PANEL * bits(type) / Byte.SIZE;
  }

  /** Bytes of a panel. */
  public static long panelBytes(DType type, int in) {
    return headBytes(type) + (long) (in / BLOCK) * blockBytes(type);
  }

  /**
   * Bytes of a matrix.
   *
   * @throws IllegalArgumentException if it can't have this type
   */
  static long bytes(DType type, int in, int out) {
    if (!fits(type, in)) {
      throw new IllegalArgumentException(
          "%d inputs cannot be %s: they do not fill blocks of %d".formatted(in, type, BLOCK));
    }
    return Math.multiplyExact(panelBytes(type, in), (long) Math.ceilDiv(out, PANEL));
  }

  /** Memory for a matrix, zeroed, to be filled by one of the methods that pack. */
  public static Matrix allocate(SegmentAllocator allocator, DType type, int in, int out) {
    MemorySegment memory = allocator.allocate(bytes(type, in, out), 64);
    return new Matrix(memory, 0, in, out, Matrix.Layout.PANELS, type);
  }

  /**
   * Rounds outputs [from, to) of a float32 matrix into {@code target}. Several threads may pack
   * different panels.
   *
   * <p>Scales as in ggml's reference: of 8 bits the largest magnitude / 127; Q4_0 the value of
   * largest magnitude / -8.
   *
   * @param from a multiple of 32
   * @param to a multiple of 32, or all outputs
   * @throws IllegalArgumentException if a weight is infinite, NaN, or too large for the type
   */
  public static void pack(Matrix source, Matrix target, int from, int to) {
    if (source.type() != DType.F32 || source.in() != target.in() || source.out() != target.out()) {
      throw new IllegalArgumentException("cannot pack " + source + " into " + target);
    }
    requirePanels(target, from, to);
    DType type = target.type();
    float[] values = new float[BLOCK];
    byte[] q = new byte[BLOCK];
    for (int n = from; n < to; n++) {
      float scale = 0;
      if (type.hasOutputScales()) {
        scale = outputScale(source, n);
        target.segment().set(F32.LAYOUT, head(target, n), scale);
      }
      for (int k = 0; k < target.in(); k += BLOCK) {
        read(source, k, n, values);
        switch (type) {
          case F16 -> packF16(values, target, k, n);
          case BF16 -> packBf16(values, target, k, n);
          case I8_SCALED, I8A8 -> {
            Q8Blocks.round(values, scale, q);
            putBytes(q, target, k, n);
          }
          case Q8_0 -> {
            putScale(Q8Blocks.encode(values, q), target, k, n);
            putBytes(q, target, k, n);
          }
          default -> {
            putScale(Q4Blocks.encode(values, q), target, k, n);
            for (int i = 0; i < BLOCK; i++) {
              putNibble(q[i], target, k + i, n);
            }
          }
        }
      }
    }
  }

  /**
   * Copies outputs [from, to) of a matrix {@code (out, in)} as it is stored in {@code target}'s
   * type, ggml's blocks or rows that begin with their scale: not a bit of scales and weights is
   * lost.
   *
   * @param from a multiple of 32
   * @param to a multiple of 32, or all outputs
   * @throws IllegalArgumentException if a scale is infinite or NaN
   */
  public static void packBlocks(
      MemorySegment blocks, long offset, Matrix target, int from, int to) {
    DType type = target.type();
    requirePanels(target, from, to);
    if (type.hasOutputScales()) {
      packScaledRows(blocks, offset, target, from, to);
      return;
    }
    if (!type.isQuantized()) {
      throw new IllegalArgumentException(type + " has no blocks");
    }
    long at = offset + type.bytes((long) from * target.in());
    for (int n = from; n < to; n++) {
      for (int k = 0; k < target.in(); k += BLOCK, at += type.blockBytes()) {
        putScale(blocks.get(SHORT, at), target, k, n);
        if (type == DType.Q8_0) {
          putFours(blocks, at + Short.BYTES, target, k, n);
        } else {
          putEights(blocks, at + Short.BYTES, target, k, n);
        }
      }
    }
  }

  private static void packScaledRows(
      MemorySegment rows, long offset, Matrix target, int from, int to) {
    int in = target.in();
    for (int n = from; n < to; n++) {
      long at = offset + target.type().matrixBytes(n, in);
      float scale = rows.get(F32.LAYOUT, at);
      if (!(Math.abs(scale) <= LARGEST_SCALE) || scale != shortened(scale)) {
        throw new IllegalArgumentException(
            "the scale of output %d is %s, expected 22 significant bits and at most %s"
                .formatted(n, scale, LARGEST_SCALE));
      }
      target.segment().set(F32.LAYOUT, head(target, n), scale);
      for (int k = 0; k < in; k += BLOCK) {
        putFours(rows, at + Float.BYTES + k, target, k, n);
      }
    }
  }

  /**
   * Rounds output n of a float32 matrix to a row as it is stored: the scale, then a byte for each
   * input.
   *
   * @throws IllegalArgumentException if a weight is infinite or NaN
   */
  public static void roundRow(Matrix source, int n, MemorySegment row) {
    float[] value = new float[1];
    byte[] q = new byte[1];
    float scale = outputScale(source, n);
    row.set(F32.LAYOUT, 0, scale);
    for (int k = 0; k < source.in(); k++) {
      value[0] = requireFinite(source.segment().get(F32.LAYOUT, source.offsetOf(k, n)), k, n);
      Q8Blocks.round(value, scale, q);
      row.set(BYTE, Float.BYTES + (long) k, q[0]);
    }
  }

  private static void requirePanels(Matrix target, int from, int to) {
    Objects.checkFromToIndex(from, to, target.out());
    if (from % PANEL != 0 || (to % PANEL != 0 && to != target.out())) {
      throw new IllegalArgumentException(
          "outputs [" + from + ", " + to + ") do not begin and end panels");
    }
  }

  private static void read(Matrix source, int k, int n, float[] values) {
    long stride = source.inStride(n);
    long at = source.offsetOf(k, n);
    for (int i = 0; i < BLOCK; i++, at += stride) {
      values[i] = requireFinite(source.segment().get(F32.LAYOUT, at), k + i, n);
    }
  }

  private static float requireFinite(float value, int k, int n) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException(
          "the weight from input %d to output %d is %s".formatted(k, n, value));
    }
    return value;
  }

  /** The largest magnitude / 127. */
  private static float outputScale(Matrix source, int n) {
    float scale = shortened(largest(source, n) / Byte.MAX_VALUE);
    if (scale > LARGEST_SCALE && scale < Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("output " + n + " has a weight too large for 8 bits");
    }
    return scale;
  }

  /** Without its last two bits: so 1.5 times a scale, which kernels need, is a float. */
  private static float shortened(float scale) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(scale) & ~3);
  }

  private static float largest(Matrix source, int n) {
    long stride = source.inStride(n);
    long at = source.offsetOf(0, n);
    float largest = 0;
    for (int k = 0; k < source.in(); k++, at += stride) {
      largest = Math.max(largest, Math.abs(source.segment().get(F32.LAYOUT, at)));
    }
    return largest;
  }

  private static void packF16(float[] values, Matrix target, int k, int n) {
    for (int i = 0; i < BLOCK; i++) {
      putShort(F16Scale.of(values[i]), target, k + i, n);
    }
  }

  /** Rounded to nearest, ties to even. */
  private static void packBf16(float[] values, Matrix target, int k, int n) {
    for (int i = 0; i < BLOCK; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      int rounded = bits + 0x7fff + (bits >>> 16 & 1);
      requireFinite(Float.intBitsToFloat(rounded), k + i, n);
      putShort((short) (rounded >>> 16), target, k + i, n);
    }
  }

  private static void putBytes(byte[] q, Matrix target, int k, int n) {
    for (int i = 0; i < BLOCK; i++) {
      putByte(q[i], target, k + i, n);
    }
  }

  private static long panel(Matrix w, int n) {
    return w.offset() + n / PANEL * panelBytes(w.type(), w.in());
  }

  /** Where the scale of output n is, of a type that has one. */
  private static long head(Matrix w, int n) {
    return panel(w, n) + n % PANEL * (long) Float.BYTES;
  }

  private static long block(Matrix w, int k, int n) {
    return panel(w, n) + headBytes(w.type()) + (long) (k / BLOCK) * blockBytes(w.type());
  }

  /** The int that holds the weight from input k to output n; {@code many} to an int. */
  private static long place(Matrix w, int many, int k, int n) {
    return block(w, k, n)
        + scaleBytes(w.type())
        + (long) (k % BLOCK / many) * STEP_BYTES
        + (long) (n % PANEL) * Integer.BYTES;
  }

  private static long scalePlace(Matrix w, int k, int n) {
    int j = n % PANEL;
    return block(w, k, n)
        + (long) (j % HALF_SCALES) * Integer.BYTES
        + j / HALF_SCALES * (long) Short.BYTES;
  }

  private static void putScale(short scale, Matrix w, int k, int n) {
    if (!Float.isFinite(Float.float16ToFloat(scale))) {
      throw new IllegalArgumentException(
          "the scale of inputs %d to %d, output %d, is %s"
              .formatted(k, k + BLOCK - 1, n, Float.float16ToFloat(scale)));
    }
    w.segment().set(SHORT, scalePlace(w, k, n), scale);
  }

  private static void putShort(short value, Matrix w, int k, int n) {
    w.segment().set(SHORT, place(w, 2, k, n) + k % 2 * (long) Short.BYTES, value);
  }

  /** Signed bytes of the inputs of a block, as they lie: four of them are an int of a step. */
  private static void putFours(MemorySegment bytes, long at, Matrix w, int k, int n) {
    long to = place(w, 4, k, n);
    for (int i = 0; i < BLOCK; i += 4, to += STEP_BYTES) {
      w.segment().set(INT, to, bytes.get(INT, at + i) ^ 0x80808080);
    }
  }

  /** Of a Q4_0 block: byte i has inputs i and i + 16, an int of a step eight in a row. */
  private static void putEights(MemorySegment bytes, long at, Matrix w, int k, int n) {
    long to = place(w, 8, k, n);
    for (int shift = 0; shift < Byte.SIZE; shift += 4) {
      for (int i = 0; i < BLOCK / 2; i += 8, to += STEP_BYTES) {
        int eight = 0;
        for (int j = 7; j >= 0; j--) {
          eight = eight << 4 | (bytes.get(BYTE, at + i + j) >>> shift & 0xf);
        }
        w.segment().set(INT, to, eight);
      }
    }
  }

  private static void putByte(int q, Matrix w, int k, int n) {
    w.segment().set(BYTE, place(w, 4, k, n) + k % 4, (byte) (q ^ 0x80));
  }

  private static void putNibble(int q, Matrix w, int k, int n) {
    long at = place(w, 8, k, n) + k % 8 / 2;
    int old = w.segment().get(BYTE, at);
    w.segment().set(BYTE, at, (byte) (k % 2 == 0 ? (old & 0xf0) | q : (old & 0xf) | (q << 4)));
  }

  /**
   * The numbers that the weights of input k stand for, for outputs [from, to).
   *
   * @param values receives them from index 0
   */
  public static void decode(Matrix w, int k, int from, int to, float[] values) {
    for (int n = from; n < to; ) {
      int end = Math.min(to, n - n % PANEL + PANEL);
      decodeRun(w, k, n, end - n, values, n - from);
      n = end;
    }
  }

  /** Of outputs that share a panel. */
  private static void decodeRun(Matrix w, int k, int n, int count, float[] values, int at) {
    MemorySegment s = w.segment();
    int many = Integer.SIZE / bits(w.type());
    long p = place(w, many, k, n);
    int shift = k % many * bits(w.type());
    switch (w.type()) {
      case F16 -> {
        for (int i = 0; i < count; i++, p += Integer.BYTES) {
          values[at + i] = Float.float16ToFloat((short) (s.get(INT, p) >>> shift));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++, p += Integer.BYTES) {
          values[at + i] = Float.intBitsToFloat(s.get(INT, p) >>> shift << 16);
        }
      }
      case I8_SCALED, I8A8 -> {
        long scale = head(w, n);
        for (int i = 0; i < count; i++, p += Integer.BYTES, scale += Float.BYTES) {
          int q = (s.get(INT, p) >>> shift & 0xff) - 0x80;
          values[at + i] = q * s.get(F32.LAYOUT, scale) + 0f;
        }
      }
      case Q8_0 -> {
        for (int i = 0; i < count; i++, p += Integer.BYTES) {
          values[at + i] = ((s.get(INT, p) >>> shift & 0xff) - 0x80) * scale(w, k, n + i) + 0f;
        }
      }
      case Q4_0 -> {
        for (int i = 0; i < count; i++, p += Integer.BYTES) {
          values[at + i] = ((s.get(INT, p) >>> shift & 0xf) - 8) * scale(w, k, n + i) + 0f;
        }
      }
      default -> throw new IllegalArgumentException(w.type() + " is no type of small weights");
    }
  }

  /**
   * The integers q of input k for outputs [from, to), of 8 bits.
   *
   * @param integers receives them from index 0
   */
  public static void integers(Matrix w, int k, int from, int to, float[] integers) {
    MemorySegment s = w.segment();
    int shift = k % Integer.BYTES * Byte.SIZE;
    for (int n = from; n < to; n++) {
      int q = s.get(INT, place(w, Integer.BYTES, k, n)) >>> shift & 0xff;
      integers[n - from] = q - 0x80;
    }
  }

  /**
   * Where the scale of output n is, of a type with output scales; that of n + 1 follows it within a
   * panel.
   */
  public static long outputScaleOffset(Matrix w, int n) {
    return head(w, n);
  }

  private static float scale(Matrix w, int k, int n) {
    return Float.float16ToFloat(w.segment().get(SHORT, scalePlace(w, k, n)));
  }

  /**
   * The numbers that all weights of output n stand for: the embedding of token n, where outputs are
   * tokens.
   *
   * @param target receives {@code in} floats
   */
  public static void decodeOutput(Matrix w, int n, MemorySegment target, long offset) {
    Objects.checkIndex(n, w.out());
    MemorySegment s = w.segment();
    int bits = bits(w.type());
    int many = Integer.SIZE / bits;
    float channel = w.type().hasOutputScales() ? s.get(F32.LAYOUT, head(w, n)) : 0;
    for (int k = 0; k < w.in(); k++) {
      int q = s.get(INT, place(w, many, k, n)) >>> (k % many * bits);
      float value =
          switch (w.type()) {
            case F16 -> Float.float16ToFloat((short) q);
            case BF16 -> Float.intBitsToFloat(q << 16);
            case I8_SCALED, I8A8 -> ((q & 0xff) - 0x80) * channel + 0f;
            case Q8_0 -> ((q & 0xff) - 0x80) * scale(w, k, n) + 0f;
            case Q4_0 -> ((q & 0xf) - 8) * scale(w, k, n) + 0f;
            default ->
                throw new IllegalArgumentException(w.type() + " is no type of small weights");
          };
      target.set(F32.LAYOUT, offset + (long) k * Float.BYTES, value);
    }
  }
}
