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
  static final String SUPPORTED = "F32, F16, BF16, F64";

  private static final ValueLayout.OfFloat F32 =
      JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort BITS_16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A cache line, and the widest vector. */
  private static final long ALIGNMENT = 64;

  private Widening() {}

  /** Whether {@link #widen} takes that type. */
  static boolean supports(DType dtype) {
    return switch (dtype) {
      case F32, F16, BF16, F64 -> true;
      default -> false;
    };
  }

  /**
   * The values of {@code source}: a view if they are float32, else a copy. F16 and BF16 keep their
   * values, subnormals, infinities and NaN included; F64 is rounded to the nearest float.
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
      default -> throw new IllegalArgumentException("not a float: " + dtype);
    }
    return new Floats(target, 0, length);
  }

  private static void widenF16(MemorySegment source, MemorySegment target, int length) {
    for (int i = 0; i < length; i++) {
      target.set(
          F32, (long) i * Float.BYTES, Float.float16ToFloat(source.get(BITS_16, (long) i * 2)));
    }
  }

  private static void widenBf16(MemorySegment source, MemorySegment target, int length) {
    for (int i = 0; i < length; i++) {
      int bits = source.get(BITS_16, (long) i * 2) << 16;
      target.set(F32, (long) i * Float.BYTES, Float.intBitsToFloat(bits));
    }
  }

  private static void roundF64(MemorySegment source, MemorySegment target, int length) {
    for (int i = 0; i < length; i++) {
      target.set(F32, (long) i * Float.BYTES, (float) source.get(F64, (long) i * Double.BYTES));
    }
  }
}
