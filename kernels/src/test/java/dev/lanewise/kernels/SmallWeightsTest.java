package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.Matrix.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the types stand for, and that every kernel takes them for exactly that. */
class SmallWeightsTest {

  static Stream<DType> types() {
    return SmallWeights.TYPES.stream();
  }

  static Stream<Arguments> kernelsAndTypes() {
    return Backends.all().stream()
        .flatMap(
            kernels ->
                types()
                    .filter(type -> type != DType.I8A8) // see RoundedRowsTest
                    .map(type -> Arguments.of(kernels, type)));
  }

  private static Matrix packed(Arena arena, DType type, float[] w, int in, int out) {
    Matrix source = new Matrix(Memory.dense(arena, w), 0, in, out, Layout.IN_OUT);
    Matrix packed = SmallWeights.allocate(arena, type, in, out);
    SmallWeights.pack(source, packed, 0, out);
    return packed;
  }

  /** All numbers {@code (in, out)}, output by output. */
  private static float[] decoded(Arena arena, Matrix w) {
    float[] values = new float[w.in() * w.out()];
    MemorySegment row = arena.allocate(Math.max(1, w.in()) * 4L, 4);
    for (int n = 0; n < w.out(); n++) {
      SmallWeights.decodeOutput(w, n, row, 0);
      for (int k = 0; k < w.in(); k++) {
        values[k * w.out() + n] = row.get(ValueLayout.JAVA_FLOAT, k * 4L);
      }
    }
    return values;
  }

  /** Weights of very different sizes, with a row of zeros and exact halves between steps. */
  private static float[] weights(long seed, int in, int out) {
    Random random = new Random(seed);
    float[] w = new float[in * out];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(4) - 3));
      if (i % out == 3 || i % 41 == 0) {
        w[i] = 0;
      } else if (i % 29 == 0) {
        w[i] = (random.nextInt(255) - 127) * 0.5f;
      }
    }
    return w;
  }

  @ParameterizedTest
  @MethodSource("types")
  void aNumberIsTheNearestOfItsType(DType type) {
    int in = 96;
    int out = 70;
    float[] w = weights(1, in, out);
    try (Arena arena = Arena.ofConfined()) {
      float[] found = decoded(arena, packed(arena, type, w, in, out));
      for (int n = 0; n < out; n++) {
        for (int k = 0; k < in; k++) {
          int block = type.hasOutputScales() ? in : 32;
          float step = step(type, w, k / block * block, block, n, out);
          float value = w[k * out + n];
          float error = Math.abs(found[k * out + n] - value);
          assertThat(error)
              .as("%s: input %d, output %d: %s as %s", type, k, n, value, found[k * out + n])
              .isLessThanOrEqualTo(
                  type.isQuantized() || type.hasOutputScales() ? step : step(type, value));
        }
      }
    }
  }

  /** Half a step, with what rounding the scale itself may add. */
  private static float step(DType type, float[] w, int from, int count, int n, int out) {
    float largest = 0;
    for (int k = from; k < from + count; k++) {
      largest = Math.max(largest, Math.abs(w[k * out + n]));
    }
    float half = type == DType.Q4_0 ? largest / 8 : largest / 254;
    return half * 1.001f + largest * 0x1p-10f;
  }

  private static float step(DType type, float value) {
    return type == DType.F16
        ? Math.max(Math.abs(value) * 0x1p-11f, 0x1p-25f)
        : Math.abs(value) * 0x1p-8f;
  }

  /** ggml's own blocks, of all bytes and under extreme scales, keep every number. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"Q8_0", "Q4_0"})
  void blocksKeepTheirNumbers(DType type) {
    int in = 256;
    int out = 37;
    short[] scales = {0, 1, 0x3ff, 0x400, 0x2e66, (short) 0xae66, 0x3c00, 0x7bff, (short) 0xfbff};
    Random random = new Random(3);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment blocks = arena.allocate(type.bytes((long) in * out) + 1).asSlice(1);
      for (long at = 0; at < blocks.byteSize(); at++) {
        blocks.set(ValueLayout.JAVA_BYTE, at, (byte) (at < 5_000 ? at : random.nextInt()));
      }
      for (long at = 0, i = 0; at < blocks.byteSize(); at += type.blockBytes(), i++) {
        blocks.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, scales[(int) (i % scales.length)]);
      }
      Matrix packed = SmallWeights.allocate(arena, type, in, out);
      SmallWeights.packBlocks(blocks, 0, packed, 32, out);
      SmallWeights.packBlocks(blocks, 0, packed, 0, 32);
      float[] found = decoded(arena, packed);
      float[] expected = new float[32];
      for (int n = 0; n < out; n++) {
        for (int k = 0; k < in; k++) {
          long at = ((long) n * in + k) / 32 * type.blockBytes();
          if (type == DType.Q8_0) {
            Q8Blocks.decode(blocks, at, expected);
          } else {
            Q4Blocks.decode(blocks, at, expected);
          }
          assertThat(Float.floatToRawIntBits(found[k * out + n]))
              .as("input %d of output %d", k, n)
              .isEqualTo(Float.floatToRawIntBits(expected[k % 32] + 0f));
        }
      }
    }
  }

  /** Rows as they are stored, of all bytes and under extreme scales, keep every number. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"I8_SCALED", "I8A8"})
  void scaledRowsKeepTheirNumbers(DType type) {
    int in = 256;
    int out = 37;
    float[] scales = {0, 4 * Float.MIN_VALUE, -0.25f, 1, 0x1.555558p-20f, 0x1p118f};
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate(type.matrixBytes(out, in) + 1).asSlice(1);
      for (int n = 0; n < out; n++) {
        long at = type.matrixBytes(n, in);
        rows.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, scales[n % scales.length]);
        for (int k = 0; k < in; k++) {
          rows.set(ValueLayout.JAVA_BYTE, at + 4 + k, (byte) (k + n));
        }
      }
      Matrix packed = SmallWeights.allocate(arena, type, in, out);
      SmallWeights.packBlocks(rows, 0, packed, 32, out);
      SmallWeights.packBlocks(rows, 0, packed, 0, 32);
      float[] found = decoded(arena, packed);
      for (int n = 0; n < out; n++) {
        for (int k = 0; k < in; k++) {
          assertThat(Float.floatToRawIntBits(found[k * out + n]))
              .as("input %d of output %d", k, n)
              .isEqualTo(Float.floatToRawIntBits((byte) (k + n) * scales[n % scales.length] + 0f));
        }
      }
      for (float scale : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 0x1p119f, 0.1f}) {
        rows.set(ValueLayout.JAVA_FLOAT_UNALIGNED, type.matrixBytes(3, in), scale);
        assertThatThrownBy(() -> SmallWeights.packBlocks(rows, 0, packed, 0, 32))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("the scale of output 3 is " + scale + ", expected 22");
      }
    }
  }

  /** What a written row holds is what packing the matrix itself gives. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"I8_SCALED", "I8A8"})
  void aRoundedRowIsWhatPackingGives(DType type) {
    int in = 96;
    int out = 5;
    float[] w = weights(6, in, out);
    try (Arena arena = Arena.ofConfined()) {
      Matrix source = new Matrix(Memory.dense(arena, w), 0, in, out, Layout.IN_OUT);
      MemorySegment rows = arena.allocate(type.matrixBytes(out, in));
      for (int n = 0; n < out; n++) {
        SmallWeights.roundRow(source, n, rows.asSlice(type.matrixBytes(n, in)));
      }
      Matrix stored = SmallWeights.allocate(arena, type, in, out);
      SmallWeights.packBlocks(rows, 0, stored, 0, out);
      assertThat(Memory.bits(decoded(arena, stored)))
          .isEqualTo(Memory.bits(decoded(arena, packed(arena, type, w, in, out))));
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void takesNoMoreThanItsBits(DType type) {
    double bits = type == DType.Q8_0 ? 8.5 : type == DType.Q4_0 ? 4.5 : SmallWeights.bits(type);
    long scales = type.hasOutputScales() ? 768 * 4L : 0;
    try (Arena arena = Arena.ofConfined()) {
      assertThat(SmallWeights.allocate(arena, type, 768, 768).byteSize())
          .isEqualTo((long) (768 * 768 * bits / 8) + scales);
    }
  }

  /** The kernels' result is that of float32 weights of the same numbers, bit for bit. */
  @ParameterizedTest
  @MethodSource("kernelsAndTypes")
  void aProductIsThatOfFloat32(Kernels kernels, DType type) {
    for (int in : new int[] {0, 32, 96, 288, 768}) {
      for (int out : new int[] {1, 5, 16, 31, 32, 33, 64, 131}) {
        for (int rows : new int[] {1, 2, 5, 8, 13}) {
          check(kernels, type, rows, in, out);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernelsAndTypes")
  void aProductOfRealShapeIsThatOfFloat32(Kernels kernels, DType type) {
    check(kernels, type, 1, 3072, 768);
    check(kernels, type, 17, 768, 2304);
    check(kernels, type, 1, 768, 2311);
  }

  private static void check(Kernels kernels, DType type, int rows, int in, int out) {
    try (Arena arena = Arena.ofConfined()) {
      Matrix small = packed(arena, type, weights(in + out, in, out), in, out);
      MemorySegment numbers = Memory.dense(arena, decoded(arena, small));
      Matrix float32 = Memory.matrix(arena, numbers, 0, in, out, Layout.PANELS);
      MemorySegment x = Memory.dense(arena, Memory.random(rows, rows * in));
      Floats bias = Memory.floats(arena, Memory.random(9, out));
      PackedRows packed = new PackedRows();
      packed.reset(rows, in, Layout.PANELS);
      kernels.pack(x, 0, in * 4L, packed, 0, rows);
      int[][] ranges = {{0, out}, {out / 3, out}, {0, out / 2}};
      for (int[] range : ranges) {
        for (int mode = 0; mode < 3; mode++) {
          @Nullable Floats start = mode == 1 ? bias : null;
          float[] y = Memory.random(4, rows * out);
          MemorySegment expected = Memory.dense(arena, y);
          MemorySegment found = Memory.dense(arena, y);
          Kernels.scalar()
              .matmul(packed, float32, start, mode == 2, expected, 0, out * 4L, range[0], range[1]);
          kernels.matmul(packed, small, start, mode == 2, found, 0, out * 4L, range[0], range[1]);
          assertThat(Memory.bits(Memory.read(found, 0, out * 4L, rows, out)))
              .as("%s %d x %d x %d, mode %d", type, rows, in, out, mode)
              .isEqualTo(Memory.bits(Memory.read(expected, 0, out * 4L, rows, out)));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void whatIsNotFiniteIsRefused(float value) {
    float[] w = new float[64 * 3];
    w[40 * 3 + 2] = value;
    try (Arena arena = Arena.ofConfined()) {
      for (DType type : SmallWeights.TYPES) {
        assertThatThrownBy(() -> packed(arena, type, w, 64, 3))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("the weight from input 40 to output 2 is " + value);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "Q8_0", "Q4_0"})
  void whatAnF16CannotHoldIsRefused(DType type) {
    float[] w = new float[32];
    w[7] = 1e8f;
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> packed(arena, type, w, 32, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("too large for 16 bits");
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void inputsMustFillBlocks(DType type) {
    try (Arena arena = Arena.ofConfined()) {
      assertThat(SmallWeights.fits(type, 48)).isFalse();
      assertThatThrownBy(() -> SmallWeights.allocate(arena, type, 48, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("48 inputs cannot be " + type + ": they do not fill blocks of 32");
      assertThat(SmallWeights.fits(DType.F32, 32)).isFalse();
    }
  }
}
