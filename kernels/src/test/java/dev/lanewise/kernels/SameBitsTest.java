package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The rule that makes results independent of the machine: for the same arguments all backends, all
 * vector widths and all ways of cutting a call give the same bits. Backends are compared with each
 * other here; widths by hashes of the output bits, which stand in this file and are checked in
 * every JVM setting that the build runs.
 */
class SameBitsTest {

  /** Awkward values among ordinary ones: they must come out of every backend alike. */
  private static float[] awkward(long seed, int n) {
    float[] values = Memory.random(seed, n);
    float[] special = {
      0f,
      -0f,
      Float.MIN_VALUE,
      -Float.MIN_NORMAL / 2,
      1e-20f,
      -1e-30f,
      3e18f,
      Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    for (int i = 0; i < n; i++) {
      if (Math.floorMod(i * 7L + seed, 53) == 0) {
        values[i] = special[Math.floorMod(i + (int) seed, special.length)];
      }
    }
    return values;
  }

  private static final int[] SIZES = {
    0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 31, 32, 33, 47, 48, 49, 63, 64, 65, 97, 127, 144,
    768, 769
  };

  @Test
  void isHeldByMatmul() {
    Kernels scalar = Kernels.scalar();
    for (Kernels other : Backends.all()) {
      for (Matrix.Layout layout : Matrix.Layout.values()) {
        for (int in : new int[] {0, 1, 15, 16, 17, 40, 383, 384, 385, 800}) {
          for (int out : new int[] {1, 3, 16, 47, 48, 49, 100, 131, 270}) {
            for (int rows : new int[] {1, 2, 3, 5, 8, 13}) {
              for (int start = 0; start < 3; start++) {
                MatmulCase c = new MatmulCase(layout, rows, in, out, start, in % 2 == 1);
                assertThat(Memory.bits(c.run(other, rows, out)))
                    .as("%s %s", other.name(), c)
                    .isEqualTo(Memory.bits(c.run(scalar, rows, out)));
              }
            }
          }
        }
      }
    }
  }

  @Test
  void isHeldByMatmulHoweverRowsAndColumnsAreCut() {
    for (Kernels kernels : Backends.all()) {
      for (Matrix.Layout layout : Matrix.Layout.values()) {
        MatmulCase c = new MatmulCase(layout, 21, 400, 150, 1, false);
        int[] whole = Memory.bits(c.run(kernels, 21, 150));
        for (int rows : new int[] {1, 2, 8, 9}) {
          for (int columns : new int[] {1, 16, 50, 96}) {
            assertThat(Memory.bits(c.run(kernels, rows, columns)))
                .as("%s, %d rows and %d columns at a time", kernels.name(), rows, columns)
                .isEqualTo(whole);
          }
        }
      }
    }
  }

  @Test
  void isHeldByElementwiseKernelsAndSums() {
    Kernels scalar = Kernels.scalar();
    for (Kernels other : Backends.all()) {
      for (int n : SIZES) {
        for (boolean odd : new boolean[] {false, true}) {
          Map<String, int[]> expected = elementwise(scalar, n, odd);
          elementwise(other, n, odd)
              .forEach(
                  (name, bits) ->
                      assertThat(bits)
                          .as("%s %s of %d", other.name(), name, n)
                          .isEqualTo(expected.get(name)));
        }
      }
    }
  }

  @Test
  void isHeldByAttentionHoweverTheTextIsCut() {
    for (int headSize : new int[] {1, 8, 12, 16, 50, 64, 80}) {
      for (int rows : new int[] {1, 7, 8, 20, 200}) {
        AttentionTest.Case c = new AttentionTest.Case(headSize, 2, rows);
        int[] expected = Memory.bits(c.run(Kernels.scalar(), rows));
        for (Kernels kernels : Backends.all()) {
          for (int chunk : new int[] {1, 3, 8, 19, rows}) {
            assertThat(Memory.bits(c.run(kernels, chunk)))
                .as("%s, headSize %d, %d rows, %d a call", kernels.name(), headSize, rows, chunk)
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  /** Printed by a run whose hashes differ, so that a wanted change can be copied here. */
  private static final Map<String, String> WITH_FMA =
      Map.of(
          "attention", "9eca03f6",
          "elementwise", "790a1e89",
          "matmul IN_OUT", "3da35293",
          "matmul PANELS", "3da35293",
          "matmul OUT_IN", "259d074e");

  private static final Map<String, String> WITHOUT_FMA =
      Map.of(
          "attention", "1f571755",
          "elementwise", "90fe2daf",
          "matmul IN_OUT", "790241d5",
          "matmul PANELS", "790241d5",
          "matmul OUT_IN", "9da95e2d");

  @Test
  void isHeldByEveryVectorWidth() {
    for (Kernels kernels : Backends.all()) {
      Map<String, String> hashes = new TreeMap<>();
      for (Matrix.Layout layout : Matrix.Layout.values()) {
        MatmulCase c = new MatmulCase(layout, 19, 777, 211, 1, false);
        hashes.put("matmul " + layout, hash(c.run(kernels, 19, 211)));
      }
      hashes.put("attention", hash(new AttentionTest.Case(64, 3, 205).run(kernels, 205)));
      StringBuilder all = new StringBuilder();
      elementwise(kernels, 1003, false)
          .forEach((name, bits) -> all.append(name).append(Arrays.hashCode(bits)));
      hashes.put("elementwise", Integer.toHexString(all.toString().hashCode()));
      assertThat(hashes)
          .as("%s, %d bits", kernels.name(), kernels.vectorBits())
          .isEqualTo(new TreeMap<>(Kernels.usesFma() ? WITH_FMA : WITHOUT_FMA));
    }
  }

  private static String hash(float[] values) {
    return Integer.toHexString(Arrays.hashCode(Memory.bits(values)));
  }

  /** Every kernel that works on rows, on the same n values. */
  private static Map<String, int[]> elementwise(Kernels kernels, int n, boolean odd) {
    Map<String, int[]> results = new LinkedHashMap<>();
    int lead = odd ? 3 : 0;
    try (Arena arena = Arena.ofConfined()) {
      float[] values = odd ? awkward(n, n) : Memory.random(n, n);
      for (int i = 0; i < n; i++) {
        values[i] *= odd ? 1 : 9;
      }
      for (Activation activation : Activation.values()) {
        MemorySegment y = Memory.rows(arena, values, 1, n, lead, 0);
        kernels.activate(activation, y, lead, 0, 1, 0, n);
        results.put(activation.name(), Memory.bits(Memory.read(y, lead, 0, 1, n)));
      }
      MemorySegment x = Memory.rows(arena, values, 1, n, lead, 0);
      MemorySegment y = Memory.rows(arena, new float[n], 1, n, lead, 0);
      Floats gain = Memory.floats(arena, Memory.random(5, n));
      Floats bias = Memory.floats(arena, Memory.random(6, n));
      kernels.layerNorm(x, lead, 0, 0, 1, gain, bias, 1e-5f, y, lead, 0);
      results.put("layerNorm", Memory.bits(Memory.read(y, lead, 0, 1, n)));
      kernels.add(x, lead, bias.segment(), 0, y, lead, n);
      results.put("add", Memory.bits(Memory.read(y, lead, 0, 1, n)));
      kernels.addBias(y, lead, 0, 0, 1, gain);
      results.put("addBias", Memory.bits(Memory.read(y, lead, 0, 1, n)));
      if (n > 0) {
        float log = kernels.logSumExp(x, lead, n);
        results.put("logSumExp", Memory.bits(new float[] {log}));
        kernels.softmax(x, lead, n);
        results.put("softmax", Memory.bits(Memory.read(x, lead, 0, 1, n)));
      }
    }
    return results;
  }

  /** start: 0 without bias, 1 with bias, 2 added to y. */
  private record MatmulCase(
      Matrix.Layout layout, int rows, int in, int out, int start, boolean odd) {

    float[] run(Kernels kernels, int rowsPerCall, int columnsPerCall) {
      try (Arena arena = Arena.ofConfined()) {
        int lead = odd ? 5 : 0;
        float[] values = odd ? awkward(1, rows * in) : Memory.random(1, rows * in);
        MemorySegment x = Memory.rows(arena, values, rows, in, lead, in * 4L + 8);
        float[] weights = Memory.random(2, in * out);
        MemorySegment w = Memory.rows(arena, weights, 1, in * out, lead, 0);
        Matrix matrix = Memory.matrix(arena, w, in * out == 0 ? 0 : lead, in, out, layout);
        Floats bias = start == 1 ? Memory.floats(arena, Memory.random(3, out)) : null;
        long stride = out * 4L + 12;
        MemorySegment y = Memory.rows(arena, Memory.random(4, rows * out), rows, out, lead, stride);
        for (int row = 0; row < rows; row += rowsPerCall) {
          int count = Math.min(rowsPerCall, rows - row);
          PackedRows packed = new PackedRows();
          packed.reset(count, in, layout);
          kernels.pack(x, lead + row * (in * 4L + 8), in * 4L + 8, packed, 0, count);
          for (int n = 0; n < out; n += columnsPerCall) {
            int to = Math.min(out, n + columnsPerCall);
            kernels.matmul(packed, matrix, bias, start == 2, y, lead + row * stride, stride, n, to);
          }
        }
        return Memory.read(y, lead, stride, rows, out);
      }
    }
  }
}
