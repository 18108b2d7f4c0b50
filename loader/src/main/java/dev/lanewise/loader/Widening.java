package dev.lanewise.loader;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Stored floats as float32. */
final class Widening {

  /** For error messages. */
  static final String SUPPORTED = "F32, F16, BF16, F64, or a quantized type";

  private static final ValueLayout.OfFloat F32 =
      JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort BITS_16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A cache line, and the widest vector. */
  private static final long ALIGNMENT = 64;

  /**
   * Values widened at a time, in heap arrays: until they are compiled, loops over arrays run some
   * twenty times as fast as loops over segments, and a small method called often is compiled sooner
   * than one long loop.
   */
  private static final int CHUNK = 512;

  private Widening() {}

  /** Whether {@link #widen} takes that type. */
  static boolean supports(DType dtype) {
    return switch (dtype) {
      case F32, F16, BF16, F64 -> true;
      default -> dtype.isQuantized() || dtype.hasOutputScales();
    };
  }

  /**
   * The values of {@code source}: a view if they are float32, else a copy. F16 and BF16 keep their
   * values, subnormals, infinities and NaN included; F64 is rounded to the nearest float; blocks of
   * quantized types are decoded, and so are matrices whose outputs have scales.
   *
   * @param source little-endian, not necessarily aligned
   */
  static Floats widen(MemorySegment source, DType dtype, int length, SegmentAllocator allocator) {
    if (dtype == DType.F32) {
      return new Floats(source, 0, length);
    }
    MemorySegment target = allocator.allocate((long) length * Float.BYTES, ALIGNMENT);
    switch (dtype) {
      case F16 -> widenF16(source, target, length);
      case BF16 -> widenBf16(source, target, length);
      case F64 -> roundF64(source, target, length);
      case I8_SCALED, I8A8 -> Dequantization.decodeScaled(source, target);
      default -> Dequantization.decode(source, dtype, target);
    }
    return new Floats(target, 0, length);
  }

  private static void widenF16(MemorySegment source, MemorySegment target, int length) {
    short[] bits = new short[Math.min(CHUNK, length)];
    float[] values = new float[bits.length];
    for (int from = 0; from < length; from += CHUNK) {
      int n = Math.min(CHUNK, length - from);
      MemorySegment.copy(source, BITS_16, (long) from * Short.BYTES, bits, 0, n);
      widenF16(bits, values, n);
      MemorySegment.copy(values, 0, target, F32, (long) from * Float.BYTES, n);
    }
  }

  private static void widenF16(short[] bits, float[] values, int n) {
    for (int i = 0; i < n; i++) {
      values[i] = Float.float16ToFloat(bits[i]);
    }
  }

  private static void widenBf16(MemorySegment source, MemorySegment target, int length) {
    short[] bits = new short[Math.min(CHUNK, length)];
    float[] values = new float[bits.length];
    for (int from = 0; from < length; from += CHUNK) {
      int n = Math.min(CHUNK, length - from);
      MemorySegment.copy(source, BITS_16, (long) from * Short.BYTES, bits, 0, n);
      widenBf16(bits, values, n);
      MemorySegment.copy(values, 0, target, F32, (long) from * Float.BYTES, n);
    }
  }

  private static void widenBf16(short[] bits, float[] values, int n) {
    for (int i = 0; i < n; i++) {
      values[i] = Float.intBitsToFloat(bits[i] << 16);
    }
  }

  private static void roundF64(MemorySegment source, MemorySegment target, int length) {
    double[] doubles = new double[Math.min(CHUNK, length)];
    float[] values = new float[doubles.length];
    for (int from = 0; from < length; from += CHUNK) {
      int n = Math.min(CHUNK, length - from);
      MemorySegment.copy(source, F64, (long) from * Double.BYTES, doubles, 0, n);
      roundF64(doubles, values, n);
      MemorySegment.copy(values, 0, target, F32, (long) from * Float.BYTES, n);
    }
  }

  private static void roundF64(double[] doubles, float[] values, int n) {
    for (int i = 0; i < n; i++) {
      values[i] = (float) doubles[i];
    }
  }
}
