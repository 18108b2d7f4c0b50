package dev.lanewise.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** Every kernel at shapes of real models and at shapes with nothing but tails, ready to be run. */
final class KernelCalls {

  private static final int LARGEST = 768 * 2304;

  /** Rows, inputs, outputs. */
  private static final int[][] MATRICES = {
    {1, 768, 2304},
    {2, 3072, 96},
    {5, 768, 192},
    {13, 256, 384},
    {32, 768, 37},
    {1, 768, 1001},
    {3, 50, 53},
    {8, 5, 7},
    {9, 16, 16},
    {1, 3, 2}
  };

  /** The same, of small weights. */
  private static final int[][] SMALL_MATRICES = {
    {1, 768, 160}, {5, 256, 96}, {13, 96, 37}, {3, 32, 5}
  };

  /** Rows, position of the first, heads, head size. */
  private static final int[][] ATTENTIONS = {
    {32, 0, 12, 64},
    {1, 200, 12, 64},
    {5, 190, 12, 64},
    {13, 0, 2, 21},
    {3, 2, 1, 5},
    {1, 0, 2, 8},
    {9, 380, 2, 80},
    {2, 0, 1, 250},
    {1, 30, 4, 32}
  };

  private final Kernels kernels;
  private final Arena arena;
  private final MemorySegment source;
  private final MemorySegment weights;
  private final MemorySegment target;
  private final Map<String, Runnable> calls = new LinkedHashMap<>();

  private KernelCalls(Kernels kernels, Arena arena, MemorySegment weights) {
    this.kernels = kernels;
    this.arena = arena;
    this.weights = weights;
    this.source = Memory.dense(arena, Memory.random(7, 120_000));
    this.target = arena.allocate(240_000, 64);
  }

  /** Weights for {@link #of}: enough for the largest matrix. */
  static float[] weights() {
    return Memory.random(5, LARGEST);
  }

  /** The calls by name; {@code weights} may be mapped or allocated. */
  static Map<String, Runnable> of(Kernels kernels, Arena arena, MemorySegment weights) {
    KernelCalls all = new KernelCalls(kernels, arena, weights);
    for (Matrix.Layout layout : Matrix.Layout.values()) {
      for (int[] s : MATRICES) {
        all.matmul(layout, s[0], s[1], s[2]);
      }
    }
    for (DType type : SmallWeights.TYPES) {
      for (int[] s : SMALL_MATRICES) {
        all.matmul(type, s[0], s[1], s[2]);
      }
    }
    for (int[] s : ATTENTIONS) {
      all.attention(s[0], s[1], s[2], s[3]);
    }
    for (int n : new int[] {50_257, 768, 17, 4, 1}) {
      all.sums(n);
    }
    for (int n : new int[] {768, 40, 3}) {
      all.rows(n);
    }
    for (Activation activation : Activation.values()) {
      all.activation(activation, 3, 0, 3072);
      all.activation(activation, 2, 3, 10);
    }
    return all.calls;
  }

  private void put(String name, Runnable call) {
    calls.put(kernels.name() + " " + name, call);
  }

  private void matmul(Matrix.Layout layout, int rows, int in, int out) {
    // In any order: what the weights are does not matter here.
    matmul(new Matrix(weights, 0, in, out, layout), rows);
  }

  private void matmul(DType type, int rows, int in, int out) {
    matmul(new Matrix(weights, 0, in, out, Matrix.Layout.PANELS, type), rows);
  }

  private void matmul(Matrix w, int rows) {
    int in = w.in();
    int out = w.out();
    Matrix.Layout layout = w.layout();
    Floats bias = new Floats(source, 4, out);
    PackedRows packed = new PackedRows();
    long xStride = in * 4L;
    long yStride = out * 4L;
    packed.reset(rows, w);
    kernels.pack(source, 0, xStride, packed, 0, rows);
    String shape = " %s %s %d x %d x %d".formatted(w.type(), layout, rows, in, out);
    put("pack" + shape, () -> kernels.pack(source, 0, xStride, packed, 0, rows));
    put(
        "matmul" + shape,
        () -> {
          kernels.matmul(packed, w, bias, false, target, 0, yStride, 0, out);
          kernels.matmul(packed, w, null, true, target, 0, yStride, out / 64 * 32, out);
        });
    put(
        "matmul without bias" + shape,
        () -> kernels.matmul(packed, w, null, false, target, 0, yStride, 0, out));
  }

  private void attention(int rows, int position, int heads, int headSize) {
    KvCache cache = new KvCache(arena, 2, heads, headSize, position + rows);
    cache.segment().fill((byte) 0);
    AttentionScratch scratch = new AttentionScratch(arena, headSize);
    long bytes = (long) heads * headSize * 4;
    long stride = 3 * bytes;
    String shape = " of %d rows from %d, %d x %d".formatted(rows, position, heads, headSize);
    put(
        "append" + shape,
        () ->
            kernels.appendKeysAndValues(source, 0, 4, stride, rows, position, cache, 1, 0, heads));
    put(
        "attention" + shape,
        () ->
            kernels.attention(
                source, 8, stride, rows, position, cache, 1, 0, heads, 0.125f, target, 0, bytes,
                scratch));
  }

  private void sums(int n) {
    put(
        "softmax " + n,
        () -> {
          MemorySegment.copy(source, 0, target, 4, n * 4L);
          kernels.softmax(target, 4, n);
        });
    put("logSumExp " + n, () -> kernels.logSumExp(source, 0, n));
  }

  private void rows(int n) {
    Floats gain = new Floats(source, 0, n);
    Floats bias = new Floats(source, 4, n);
    long stride = n * 4L;
    put(
        "layerNorm " + n,
        () -> kernels.layerNorm(source, 8, stride, 0, 13, gain, bias, 1e-5f, target, 0, stride));
    put("addBias " + n, () -> kernels.addBias(target, 0, stride, 1, 13, bias));
    put("add " + n, () -> kernels.add(source, 0, source, 8, target, 4, n));
  }

  private void activation(Activation activation, int rows, int from, int to) {
    long stride = to * 4L;
    put(
        "%s of %d x [%d, %d)".formatted(activation, rows, from, to),
        () -> {
          MemorySegment.copy(source, 0, target, 0, rows * stride);
          kernels.activate(activation, target, 0, stride, rows, from, to);
        });
  }
}
