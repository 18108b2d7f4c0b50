package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class WideningTest {

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort BITS_16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** All patterns of 16 bits, at an odd address. */
  private static MemorySegment all16(Arena arena) {
    MemorySegment source = arena.allocate(2 * 65_536 + 1).asSlice(1);
    for (int bits = 0; bits < 65_536; bits++) {
      source.set(BITS_16, bits * 2L, (short) bits);
    }
    return source;
  }

  private static float at(Floats floats, int i) {
    return floats.segment().get(F32, floats.offset() + i * 4L);
  }

  private static double f16(int bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    double magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((double) fraction, -24);
          case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
          default -> Math.scalb(1024.0 + fraction, exponent - 25);
        };
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  private static double bf16(int bits) {
    int exponent = bits >> 7 & 255;
    int fraction = bits & 127;
    double magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((double) fraction, -133);
          case 255 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
          default -> Math.scalb(128.0 + fraction, exponent - 134);
        };
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  @Test
  void everyF16KeepsItsValue() {
    try (Arena arena = Arena.ofConfined()) {
      Floats floats = Widening.widen(all16(arena), DType.F16, 65_536, arena);
      for (int bits = 0; bits < 65_536; bits++) {
        // Compared as objects: NaN equals NaN, and -0.0 is not 0.0.
        assertThat(Double.valueOf(at(floats, bits))).isEqualTo(Double.valueOf(f16(bits)));
      }
    }
  }

  @Test
  void everyBf16KeepsItsValue() {
    try (Arena arena = Arena.ofConfined()) {
      Floats floats = Widening.widen(all16(arena), DType.BF16, 65_536, arena);
      for (int bits = 0; bits < 65_536; bits++) {
        assertThat(Double.valueOf(at(floats, bits))).isEqualTo(Double.valueOf(bf16(bits)));
      }
    }
  }

  /** Longer than what is widened at a time, and no multiple of it. */
  @Test
  void widensEveryLength() {
    ValueLayout.OfDouble f64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    try (Arena arena = Arena.ofConfined()) {
      for (int length : new int[] {0, 1, 511, 512, 513, 1024, 1031}) {
        MemorySegment halves = arena.allocate(2L * length);
        MemorySegment doubles = arena.allocate(8L * length);
        for (int i = 0; i < length; i++) {
          halves.set(BITS_16, 2L * i, (short) (0x3c00 + i));
          doubles.set(f64, 8L * i, i / 4.0);
        }
        Floats f16 = Widening.widen(halves, DType.F16, length, arena);
        Floats bf16 = Widening.widen(halves, DType.BF16, length, arena);
        Floats rounded = Widening.widen(doubles, DType.F64, length, arena);
        for (int i = 0; i < length; i++) {
          assertThat((double) at(f16, i)).isEqualTo(f16(0x3c00 + i));
          assertThat((double) at(bf16, i)).isEqualTo(bf16(0x3c00 + i));
          assertThat(at(rounded, i)).isEqualTo(i / 4f);
        }
      }
    }
  }

  @Test
  void f64IsRoundedToTheNearestFloat() {
    double[] values = {0.1, -0.0, 1e300, 1 + Math.ulp(1f) / 2.0, 1e-320, Double.NaN};
    ValueLayout.OfDouble layout =
        ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(8L * values.length + 3).asSlice(3);
      for (int i = 0; i < values.length; i++) {
        source.set(layout, 8L * i, values[i]);
      }
      Floats floats = Widening.widen(source, DType.F64, values.length, arena);
      float[] expected = {0.1f, -0.0f, Float.POSITIVE_INFINITY, 1f, 0f, Float.NaN};
      for (int i = 0; i < values.length; i++) {
        assertThat(Float.valueOf(at(floats, i))).isEqualTo(Float.valueOf(expected[i]));
      }
    }
  }
}
