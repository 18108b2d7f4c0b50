package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.Matrix.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** I8A8: integers times integers, against sums of longs. */
class RoundedRowsTest {

  private static final int RUN = 1024;

  static Stream<Kernels> kernels() {
    return Backends.all().stream();
  }

  /** Stored rows: scale and signed bytes, output by output. */
  private static final class Weights {
    private final float[] scales;
    private final byte[][] q;

    private Weights(float[] scales, byte[][] q) {
      this.scales = scales;
      this.q = q;
    }

    static Weights of(Random random, int in, int out, boolean extreme) {
      float[] scales = new float[out];
      byte[][] q = new byte[out][in];
      for (int n = 0; n < out; n++) {
        float scale = random.nextFloat() * (n % 5 == 0 ? -1e-3f : 0.02f);
        scales[n] = Float.intBitsToFloat(Float.floatToRawIntBits(scale) & ~3);
        random.nextBytes(q[n]);
        for (int k = 0; extreme && k < in; k++) {
          q[n][k] = n % 3 == 0 ? (byte) -127 : n % 3 == 1 ? 127 : q[n][k];
        }
      }
      return new Weights(scales, q);
    }

    Matrix packed(Arena arena) {
      int in = q[0].length;
      DType type = DType.I8A8;
      MemorySegment rows = arena.allocate(type.matrixBytes(q.length, in));
      for (int n = 0; n < q.length; n++) {
        long at = type.matrixBytes(n, in);
        rows.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, scales[n]);
        MemorySegment.copy(q[n], 0, rows, ValueLayout.JAVA_BYTE, at + Float.BYTES, in);
      }
      Matrix packed = SmallWeights.allocate(arena, type, in, q.length);
      SmallWeights.packBlocks(rows, 0, packed, 0, q.length);
      return packed;
    }
  }

  /** As the definition reads; decimals make the rounding independent of floats. */
  private static final class Row {
    private final float scale;
    private final int[] q;

    private Row(float scale, int[] q) {
      this.scale = scale;
      this.q = q;
    }

    static Row of(float[] x, int from, int in) {
      float largest = 0;
      for (int k = 0; k < in; k++) {
        largest = Math.max(largest, Math.abs(x[from + k]));
      }
      float scale = largest / 127 < Float.MIN_NORMAL ? 0 : largest / 127;
      int[] q = new int[in];
      for (int k = 0; scale != 0 && k < in; k++) {
        float scaled = x[from + k] * (1 / scale);
        q[k] = new BigDecimal(scaled).setScale(0, RoundingMode.HALF_EVEN).intValueExact();
      }
      return new Row(scale, q);
    }
  }

  private static float madd(float a, float b, float c) {
    return Kernels.usesFma() ? Math.fma(a, b, c) : a * b + c;
  }

  private static float expected(Row row, Weights w, int n, float start) {
    float y = start;
    for (int from = 0; from < row.q.length; from += RUN) {
      long sum = 0;
      for (int k = from; k < Math.min(row.q.length, from + RUN); k++) {
        sum += (long) row.q[k] * w.q[n][k];
      }
      y = madd((float) sum, w.scales[n] * row.scale, y);
    }
    return row.q.length == 0 ? start : y;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void sumsAreThoseOfIntegers(Kernels kernels) {
    for (int in : new int[] {32, 768, 1024, 1056, 3072}) {
      for (int out : new int[] {1, 16, 31, 33, 131}) {
        for (int rows : new int[] {1, 2, 5, 8, 13}) {
          check(kernels, rows, in, out, false);
        }
      }
    }
  }

  /** The largest sums there are: all factors 127 or -127. */
  @ParameterizedTest
  @MethodSource("kernels")
  void extremesAreExact(Kernels kernels) {
    for (int rows : new int[] {1, 9}) {
      check(kernels, rows, 3072, 37, true);
    }
  }

  private static void check(Kernels kernels, int rows, int in, int out, boolean extreme) {
    long seed = 31L * in + 7L * out + rows;
    Random random = new Random(seed);
    Weights w = Weights.of(random, in, out, extreme);
    float[] x = Memory.random(seed, rows * in);
    for (int i = 0; i < x.length; i++) {
      x[i] = extreme ? Math.copySign(3.5f, i % 7 == 0 ? x[i] : 1) : x[i] * (i % 97 == 0 ? 9 : 1);
    }
    float[] b = Memory.random(5, out);
    float[] before = Memory.random(6, rows * out);
    try (Arena arena = Arena.ofConfined()) {
      Matrix packedWeights = w.packed(arena);
      PackedRows packed = new PackedRows();
      packed.reset(rows, packedWeights);
      kernels.pack(Memory.dense(arena, x), 0, in * 4L, packed, 0, rows);
      Floats bias = Memory.floats(arena, b);
      for (int mode = 0; mode < 3; mode++) {
        int from = mode == 1 ? out / 3 : 0;
        MemorySegment y = Memory.dense(arena, before);
        kernels.matmul(
            packed, packedWeights, mode == 1 ? bias : null, mode == 2, y, 0, out * 4L, from, out);
        float[] want = before.clone();
        for (int r = 0; r < rows; r++) {
          Row row = Row.of(x, r * in, in);
          for (int n = from; n < out; n++) {
            float start = mode == 1 ? b[n] : mode == 2 ? before[r * out + n] : 0f;
            want[r * out + n] = expected(row, w, n, start);
          }
        }
        assertThat(Memory.bits(Memory.read(y, 0, out * 4L, rows, out)))
            .as("seed %d: %d x %d x %d, mode %d", seed, rows, in, out, mode)
            .isEqualTo(Memory.bits(want));
      }
    }
  }

  /** Halves, zeros, subnormals; the same for any panel of rows. */
  @ParameterizedTest
  @MethodSource("kernels")
  void roundsToTheNearestInteger(Kernels kernels) {
    int in = 64;
    int rows = 15;
    float[] x = new float[rows * in];
    Random random = new Random(2);
    for (int i = 0; i < x.length; i++) {
      int row = i / in;
      x[i] =
          switch (row % 5) {
            case 0 -> (random.nextInt(509) - 254) / 2f; // halves, where 127 is the largest
            case 1 -> 0;
            case 2 -> Float.MIN_VALUE * random.nextInt(100);
            case 3 -> (float) (random.nextGaussian() * 1e30);
            default -> (float) random.nextGaussian();
          };
      if (row % 5 == 0 && i % in == 0) {
        x[i] = 127;
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Weights.of(random, in, 32, false).packed(arena);
      PackedRows packed = new PackedRows();
      packed.reset(rows, w);
      kernels.pack(Memory.dense(arena, x), 0, in * 4L, packed, 0, rows);
      for (int r = 0; r < rows; r++) {
        Row row = Row.of(x, r * in, in);
        assertThat(packed.scales()[r]).isEqualTo(row.scale);
        int panel = packed.panelStart(r);
        int stride = packed.panelRows(panel);
        for (int k = 0; k < in; k++) {
          assertThat(packed.data()[panel * in + k * stride + r - panel])
              .as("row %d, input %d: %s", r, k, x[r * in + k])
              .isEqualTo((float) row.q[k]);
        }
      }
    }
  }

  /** No error that is hidden: the sums are NaN. */
  @ParameterizedTest
  @EnumSource(Special.class)
  void aRowThatIsNotFiniteBecomesNaN(Special special) {
    for (Kernels kernels : Backends.all()) {
      for (int rows : new int[] {1, 8}) {
        float[] x = Memory.random(1, rows * 32);
        x[5] = special.value;
        try (Arena arena = Arena.ofConfined()) {
          Matrix w = Weights.of(new Random(1), 32, 32, false).packed(arena);
          PackedRows packed = new PackedRows();
          packed.reset(rows, w);
          kernels.pack(Memory.dense(arena, x), 0, 32 * 4L, packed, 0, rows);
          MemorySegment y = Memory.dense(arena, new float[rows * 32]);
          kernels.matmul(packed, w, null, false, y, 0, 32 * 4L, 0, 32);
          float[] found = Memory.read(y, 0, 32 * 4L, rows, 32);
          for (int i = 0; i < found.length; i++) {
            assertThat(Float.isNaN(found[i])).as("%s %d", kernels.name(), i).isEqualTo(i < 32);
          }
        }
      }
    }
  }

  enum Special {
    NAN(Float.NaN),
    INFINITY(Float.POSITIVE_INFINITY),
    MINUS_INFINITY(Float.NEGATIVE_INFINITY);

    private final float value;

    Special(float value) {
      this.value = value;
    }
  }

  @Test
  void roundedRowsAndOtherWeightsDoNotMix() {
    try (Arena arena = Arena.ofConfined()) {
      Matrix rounded = SmallWeights.allocate(arena, DType.I8A8, 32, 32);
      Matrix other = SmallWeights.allocate(arena, DType.I8_SCALED, 32, 32);
      MemorySegment y = arena.allocate(128);
      PackedRows packed = new PackedRows();
      for (Kernels kernels : Backends.all()) {
        packed.reset(1, rounded);
        assertThatThrownBy(() -> kernels.matmul(packed, other, null, false, y, 0, 128, 0, 32))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("rows are rounded, weights are I8_SCALED");
        packed.reset(1, 32, Layout.PANELS);
        assertThatThrownBy(() -> kernels.matmul(packed, rounded, null, false, y, 0, 128, 0, 32))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("rows are not rounded, weights are I8A8");
      }
    }
  }
}
