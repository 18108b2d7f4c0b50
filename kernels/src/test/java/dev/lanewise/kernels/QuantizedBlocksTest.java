package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** Blocks of every byte value under ordinary and extreme scales, against exact products. */
class QuantizedBlocksTest {

  private static final short[] SCALES = {
    0, (short) 0x8000, 1, 0x3ff, 0x400, 0x2e66, (short) 0xae66, 0x3c00, 0x7bff, 0x7c00
  };

  private static void assertProduct(float actual, int q, float scale, String what) {
    // Both factors have few bits: the product of doubles is exact before the one rounding.
    float expected = (float) (q * (double) scale);
    assertThat(Float.floatToIntBits(actual))
        .as(what)
        .isEqualTo(Float.floatToIntBits(q == 0 && scale < 0 ? -0.0f : expected));
  }

  @Test
  void q8IsEachByteTimesTheScale() {
    try (Arena arena = Arena.ofConfined()) {
      // At an odd address, as in a mapped file.
      MemorySegment block = arena.allocate(1 + DType.Q8_0.blockBytes()).asSlice(1);
      float[] values = new float[32];
      for (short scale : SCALES) {
        block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, scale);
        for (int first = -128; first < 128; first += 32) {
          for (int i = 0; i < 32; i++) {
            block.set(ValueLayout.JAVA_BYTE, 2 + i, (byte) (first + i));
          }
          Q8Blocks.decode(block, 0, values);
          for (int i = 0; i < 32; i++) {
            assertProduct(
                values[i], first + i, Float.float16ToFloat(scale), first + i + " * " + scale);
          }
        }
      }
    }
  }

  @Test
  void q4IsEachHalfMinusEightTimesTheScale() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(1 + DType.Q4_0.blockBytes()).asSlice(1);
      float[] values = new float[32];
      for (short scale : SCALES) {
        block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, scale);
        for (int first = 0; first < 256; first += 16) {
          for (int i = 0; i < 16; i++) {
            block.set(ValueLayout.JAVA_BYTE, 2 + i, (byte) (first + i));
          }
          Q4Blocks.decode(block, 0, values);
          for (int i = 0; i < 16; i++) {
            float d = Float.float16ToFloat(scale);
            assertProduct(values[i], (first + i) % 16 - 8, d, "low half of " + (first + i));
            assertProduct(values[16 + i], (first + i) / 16 - 8, d, "high half of " + (first + i));
          }
        }
      }
    }
  }

  @Test
  void blocksHaveTheSizesOfGgml() {
    assertThat(DType.Q4_0.bytes(64)).isEqualTo(36);
    assertThat(DType.Q8_0.bytes(64)).isEqualTo(68);
    assertThat(DType.Q6_K.bytes(512)).isEqualTo(420);
    assertThat(DType.Q8_0.isQuantized()).isTrue();
    assertThat(DType.BF16.isQuantized()).isFalse();
    assertThatThrownBy(() -> DType.Q4_0.bytes(33))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("33 elements do not fill whole blocks of 32");
  }
}
