package dev.lanewise.kernels;

import dev.lanewise.kernels.internal.F32;
import dev.lanewise.kernels.internal.Fma;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Known-answer tests that take milliseconds: whether this JVM, on this CPU, computes every kernel
 * as it should. JIT compilers have had wrong minima, reductions and comparisons of vectors.
 *
 * <p>The answers are hashes of output bits, one set for JVMs with FMA and one for those without;
 * the scalar kernels are held to them, and the backend in question to the scalar kernels, bit for
 * bit. Sizes have tails at every vector width.
 */
public final class SelfTest {

  private static final Map<String, Integer> WITH_FMA =
      Map.ofEntries(
          Map.entry("matmul IN_OUT", 0x3416c610),
          Map.entry("matmul of a row IN_OUT", 0x4a603a6d),
          Map.entry("matmul PANELS", 0x3416c610),
          Map.entry("matmul of a row PANELS", 0x4a603a6d),
          Map.entry("matmul OUT_IN", 0xdcb4243d),
          Map.entry("matmul of a row OUT_IN", 0x7cf29687),
          Map.entry("GELU_TANH", 0x681b1821),
          Map.entry("GELU_ERF", 0xa8f320eb),
          Map.entry("RELU", 0x3f10c7d1),
          Map.entry("SILU", 0xf9eb64ed),
          Map.entry("TANH", 0xf45e3bfa),
          Map.entry("QUICK_GELU", 0x80ac6776),
          Map.entry("layerNorm", 0xd531efa1),
          Map.entry("add", 0xea243386),
          Map.entry("softmax", 0x1aab7c69),
          Map.entry("attention", 0x0278a7f9));

  private static final Map<String, Integer> WITHOUT_FMA =
      Map.ofEntries(
          Map.entry("matmul IN_OUT", 0xdc11c69b),
          Map.entry("matmul of a row IN_OUT", 0x3453dfc2),
          Map.entry("matmul PANELS", 0xdc11c69b),
          Map.entry("matmul of a row PANELS", 0x3453dfc2),
          Map.entry("matmul OUT_IN", 0xbc095b6f),
          Map.entry("matmul of a row OUT_IN", 0xc59971a3),
          Map.entry("GELU_TANH", 0xa5a48b57),
          Map.entry("GELU_ERF", 0xae47fa8d),
          Map.entry("RELU", 0x3f10c7d1),
          Map.entry("SILU", 0xf9eb64ed),
          Map.entry("TANH", 0x189cc039),
          Map.entry("QUICK_GELU", 0x51fafd57),
          Map.entry("layerNorm", 0xef890663),
          Map.entry("add", 0xea243386),
          Map.entry("softmax", 0x39199e8a),
          Map.entry("attention", 0x9110be8c));

  private static final int ROWS = 11;
  private static final int IN = 83;
  private static final int OUT = 61;
  private static final int HEADS = 2;
  private static final int HEAD_SIZE = 21;
  private static final int POSITION = KvCache.BLOCK - 5;

  private SelfTest() {}

  /**
   * Runs every kernel of {@code kernels}.
   *
   * @return a sentence for each failure; empty when all is well
   */
  public static List<String> failures(Kernels kernels) {
    Map<String, Integer> answers = Fma.ENABLED ? WITH_FMA : WITHOUT_FMA;
    List<String> failures = new ArrayList<>();
    for (Map.Entry<String, Check> check : checks().entrySet()) {
      String name = check.getKey();
      try {
        int[] scalar = bits(check.getValue(), Kernels.scalar());
        int[] actual = bits(check.getValue(), kernels);
        Integer answer = answers.get(name);
        if (answer == null || Arrays.hashCode(scalar) != answer) {
          failures.add(
              "%s: scalar kernels give %08x, expected %08x"
                  .formatted(name, Arrays.hashCode(scalar), answer));
        }
        int at = Arrays.mismatch(scalar, actual);
        if (at >= 0) {
          failures.add(
              "%s: %s kernels give %s at %d, expected %s"
                  .formatted(
                      name,
                      kernels.name(),
                      Float.intBitsToFloat(actual[at]),
                      at,
                      Float.intBitsToFloat(scalar[at])));
        }
      } catch (RuntimeException e) {
        failures.add(name + ": " + e);
      }
    }
    return failures;
  }

  private interface Check {
    /** Runs a kernel and returns what it wrote. */
    float[] run(Kernels kernels, Arena arena);
  }

  private static int[] bits(Check check, Kernels kernels) {
    try (Arena arena = Arena.ofConfined()) {
      float[] values = check.run(kernels, arena);
      int[] bits = new int[values.length];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = Float.floatToIntBits(values[i]);
      }
      return bits;
    }
  }

  private static Map<String, Check> checks() {
    Map<String, Check> checks = new LinkedHashMap<>();
    for (Matrix.Layout layout : Matrix.Layout.values()) {
      checks.put("matmul " + layout, (k, arena) -> matmul(k, arena, layout, ROWS));
      checks.put("matmul of a row " + layout, (k, arena) -> matmul(k, arena, layout, 1));
    }
    for (Activation activation : Activation.values()) {
      checks.put(
          activation.name(),
          (k, arena) -> {
            MemorySegment y = values(arena, 1, IN, 8);
            k.activate(activation, y, 0, 0, 1, 0, IN);
            return y.toArray(F32.LAYOUT);
          });
    }
    checks.put("layerNorm", SelfTest::layerNorm);
    checks.put("add", SelfTest::add);
    checks.put("softmax", SelfTest::softmax);
    checks.put("attention", SelfTest::attention);
    return checks;
  }

  private static float[] matmul(Kernels k, Arena arena, Matrix.Layout layout, int rows) {
    MemorySegment x = values(arena, 2, rows * IN, 1);
    MemorySegment y = values(arena, 3, rows * OUT, 1);
    Matrix w = weights(arena, layout);
    @Nullable Floats bias = new Floats(values(arena, 5, OUT, 1), 0, OUT);
    PackedRows packed = new PackedRows();
    packed.reset(rows, IN, layout);
    long stride = (long) OUT * Float.BYTES;
    k.pack(x, 0, (long) IN * Float.BYTES, packed, 0, rows);
    k.matmul(packed, w, bias, false, y, 0, stride, 0, OUT);
    k.matmul(packed, w, null, true, y, 0, stride, 1, OUT - 1);
    return y.toArray(F32.LAYOUT);
  }

  /** Weights in panels are those of IN_OUT in another order, and so are the answers. */
  private static Matrix weights(Arena arena, Matrix.Layout layout) {
    MemorySegment values = values(arena, 4, IN * OUT, 1);
    if (layout != Matrix.Layout.PANELS) {
      return new Matrix(values, 0, IN, OUT, layout);
    }
    Matrix panels = Matrix.panels(arena, IN, OUT);
    panels.packPanels(new Matrix(values, 0, IN, OUT, Matrix.Layout.IN_OUT), 0, OUT);
    return panels;
  }

  private static float[] layerNorm(Kernels k, Arena arena) {
    MemorySegment x = values(arena, 6, ROWS * IN, 4);
    Floats gain = new Floats(values(arena, 7, IN, 1), 0, IN);
    long stride = (long) IN * Float.BYTES;
    k.layerNorm(x, 0, stride, 0, ROWS, gain, gain, 1e-5f, x, 0, stride);
    return x.toArray(F32.LAYOUT);
  }

  private static float[] add(Kernels k, Arena arena) {
    MemorySegment x = values(arena, 8, IN, 4);
    MemorySegment y = values(arena, 9, IN, 1);
    k.add(x, 0, y, 0, y, 0, IN);
    k.addBias(y, 0, 0, 0, 1, new Floats(x, 0, IN));
    return y.toArray(F32.LAYOUT);
  }

  private static float[] softmax(Kernels k, Arena arena) {
    MemorySegment x = values(arena, 10, IN, 8);
    x.set(F32.LAYOUT, 0, k.logSumExp(x, 0, IN));
    k.softmax(x, Float.BYTES, IN - 1);
    return x.toArray(F32.LAYOUT);
  }

  /** Queries on both sides of the end of a block. */
  private static float[] attention(Kernels k, Arena arena) {
    int columns = HEADS * HEAD_SIZE;
    int positions = POSITION + ROWS;
    MemorySegment qkv = values(arena, 11, positions * 3 * columns, 2);
    MemorySegment out = values(arena, 12, ROWS * columns, 1);
    KvCache cache = new KvCache(arena, 1, HEADS, HEAD_SIZE, positions);
    long columnBytes = (long) columns * Float.BYTES;
    long stride = 3 * columnBytes;
    k.appendKeysAndValues(
        qkv, columnBytes, 2 * columnBytes, stride, positions, 0, cache, 0, 0, HEADS);
    AttentionScratch scratch = new AttentionScratch(arena, HEAD_SIZE);
    k.attention(
        qkv,
        POSITION * stride,
        stride,
        ROWS,
        POSITION,
        cache,
        0,
        0,
        HEADS,
        0.25f,
        out,
        0,
        columnBytes,
        scratch);
    return out.toArray(F32.LAYOUT);
  }

  /** n values in [-size, size), exact in float, the same everywhere. */
  private static MemorySegment values(Arena arena, int seed, int n, float size) {
    MemorySegment values = arena.allocate((long) n * Float.BYTES, Float.BYTES);
    int state = seed * 0x9E3779B9;
    for (int i = 0; i < n; i++) {
      state = state * 1664525 + 1013904223;
      values.setAtIndex(F32.LAYOUT, i, (state >> 8) * 0x1p-23f * size);
    }
    return values;
  }
}
