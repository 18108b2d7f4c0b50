package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows read from where they are stored are those of the packed matrix. */
class StoredRowsTest {

  private static final int IN = 96;
  private static final int OUT = 37;

  /** All bytes are random, scales apart, which get both signs and a zero. */
  @ParameterizedTest
  @EnumSource(names = {"I8_SCALED", "I8A8", "Q8_0", "Q4_0"})
  void haveTheBitsOfPackedOnes(DType type) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate(1 + type.matrixBytes(OUT, IN)).asSlice(1);
      Random random = new Random(11);
      byte[] bytes = new byte[Math.toIntExact(rows.byteSize())];
      random.nextBytes(bytes);
      MemorySegment.copy(bytes, 0, rows, ValueLayout.JAVA_BYTE, 0, bytes.length);
      for (int n = 0; n < OUT; n++) {
        float scale = n == 3 ? -0f : (n % 2 == 0 ? 1 : -1) * (n + 1) * 0.125f;
        long row = type.matrixBytes(n, IN);
        if (type.hasOutputScales()) {
          rows.set(ValueLayout.JAVA_FLOAT_UNALIGNED, row, scale);
        } else {
          for (long at = row; at < row + type.bytes(IN); at += type.blockBytes()) {
            rows.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(scale));
          }
        }
      }
      Matrix packed = SmallWeights.allocate(arena, type, IN, OUT);
      SmallWeights.packBlocks(rows, 0, packed, 0, OUT);
      for (int n = 0; n < OUT; n++) {
        assertSameBits(arena, packed, type, rows, n);
      }
    }
  }

  /** Every pattern of 16 bits that is a number. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void haveTheBitsOfPackedHalves(DType type) {
    int in = 256;
    int out = 256;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate(type.matrixBytes(out, in));
      Matrix floats = new Matrix(arena.allocate(4L * in * out), 0, in, out, Matrix.Layout.OUT_IN);
      for (int i = 0; i < 1 << 16; i++) {
        float value =
            type == DType.F16 ? Float.float16ToFloat((short) i) : Float.intBitsToFloat(i << 16);
        boolean number = Float.isFinite(value);
        rows.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) (number ? i : 0));
        floats.segment().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, number ? value : 0);
      }
      Matrix packed = SmallWeights.allocate(arena, type, in, out);
      SmallWeights.pack(floats, packed, 0, out);
      for (int n = 0; n < out; n++) {
        assertSameBits(arena, packed, type, rows, n);
      }
    }
  }

  private static void assertSameBits(
      Arena arena, Matrix packed, DType type, MemorySegment rows, int n) {
    long bytes = 4L * packed.in();
    MemorySegment expected = arena.allocate(bytes);
    MemorySegment actual = arena.allocate(bytes + 4);
    SmallWeights.decodeOutput(packed, n, expected, 0);
    StoredRows.decode(type, rows, n, packed.in(), actual, 4);
    assertThat(actual.asSlice(4).mismatch(expected)).as("row " + n).isEqualTo(-1);
  }

  @Test
  void rejectsARowThatIsNotThere() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate(DType.Q8_0.matrixBytes(2, 32));
      MemorySegment target = arena.allocate(128);
      assertThatThrownBy(() -> StoredRows.decode(DType.Q8_0, rows, 2, 32, target, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> StoredRows.decode(DType.Q4_1, rows, 0, 32, target, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Q4_1");
    }
  }
}
