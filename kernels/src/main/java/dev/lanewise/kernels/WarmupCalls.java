package dev.lanewise.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Small calls of kernels that look to the compiler like those of a model: each branch and each loop
 * that a forward pass takes is taken now and then.
 */
final class WarmupCalls {

  /** One kernel. */
  @FunctionalInterface
  interface Call {
    /** Calls it; {@code i} is the number of calls before. */
    void run(int i);
  }

  /** Rows in panels of 8, 4, 2 and 1. */
  private static final int ROWS = 15;

  /** Inputs: short, since every step of k is slow before it is compiled. */
  private static final int IN = 16;

  /** Inputs of an occasional call: more than one block of k, at any backend. */
  private static final int MANY_IN = 800;

  /** How often the occasional calls come. */
  private static final int SELDOM = 64;

  /** Outputs: whole vectors, as in models; a single row takes up to eight at a time. */
  private static final int OUT = 128;

  /** Elements of a row that is added, normalized or activated. */
  private static final int WIDTH = 96;

  private final Kernels kernels;
  private final Activation activation;
  private final int headSize;
  private final Arena arena;
  private final MemorySegment x;
  private final MemorySegment y;

  WarmupCalls(Kernels kernels, Activation activation, int headSize, Arena arena) {
    this.kernels = kernels;
    this.activation = activation;
    this.headSize = headSize;
    this.arena = arena;
    x = floats(ROWS * Math.max(MANY_IN, 6 * headSize));
    y = floats(ROWS * Math.max(WIDTH, 2 * headSize));
  }

  private MemorySegment floats(int n) {
    return arena.allocate((long) n * Float.BYTES, 64);
  }

  /** What works on rows: matmul with such weights, norms, sums, activation. */
  List<Call> linear(List<Matrix> weights) {
    List<Call> calls = new ArrayList<>();
    for (Matrix matrix : weights) {
      calls.add(multiply(matrix, matrix.layout().isDot() ? 3 : ROWS));
      calls.add(multiply(matrix, 1));
    }
    long stride = (long) WIDTH * Float.BYTES;
    Floats gain = new Floats(floats(WIDTH), 0, WIDTH);
    calls.add(i -> kernels.layerNorm(y, 0, stride, 0, 3, gain, gain, 1e-5f, y, 0, stride));
    calls.add(i -> kernels.activate(activation, y, 0, stride, 3, 0, WIDTH));
    calls.add(i -> kernels.addBias(y, 0, stride, 0, 6, gain));
    calls.add(i -> kernels.add(x, 0, y, 0, y, 0, 4 * WIDTH));
    return calls;
  }

  private Call multiply(Matrix weights, int rows) {
    Matrix few = part(weights, weights.type() == DType.F32 ? IN : SmallWeights.BLOCK);
    Matrix many = part(weights, MANY_IN);
    int out = few.out();
    int from = rows > 1 && out >= OUT ? OUT / 2 : 0;
    long stride = (long) out * Float.BYTES;
    MemorySegment result = floats(rows * out);
    Floats bias = new Floats(floats(out), 0, out);
    PackedRows packed = new PackedRows();
    packed.reset(rows, many);
    return i -> {
      Matrix matrix = i % SELDOM == SELDOM / 2 ? many : few;
      packed.reset(rows, matrix);
      kernels.pack(x, 0, (long) matrix.in() * Float.BYTES, packed, 0, rows);
      boolean accumulate = i % 4 == 1;
      @Nullable Floats start = i % 4 > 1 ? bias : null;
      kernels.matmul(packed, matrix, start, accumulate, result, 0, stride, from, out);
    };
  }

  /** A small matrix in the same memory, whose last columns fill a vector as those of all do. */
  private static Matrix part(Matrix weights, int in) {
    return new Matrix(
        weights.segment(),
        weights.offset(),
        Math.min(in, weights.in()),
        Math.min(OUT + weights.out() % Matrix.PANEL, weights.out()),
        weights.layout(),
        weights.type());
  }

  /** Attention of prompts and of single tokens, from the start and across a block's end. */
  List<Call> attention() {
    KvCache cache = new KvCache(arena, 1, 2, headSize, 2 * KvCache.BLOCK);
    AttentionScratch scratch = new AttentionScratch(arena, headSize);
    long headBytes = (long) headSize * Float.BYTES;
    long stride = 6 * headBytes;
    List<Call> calls = new ArrayList<>();
    for (int rows : new int[] {11, 6, 1}) {
      calls.add(
          i -> {
            int position = i % 8 == 3 ? KvCache.BLOCK - 5 : i % 8;
            int heads = 1 + i % 2;
            kernels.appendKeysAndValues(
                x, 2 * headBytes, 4 * headBytes, stride, rows, position, cache, 0, 0, heads);
            kernels.attention(
                x, 0, stride, rows, position, cache, 0, 0, heads, 1f, y, 0, 2 * headBytes, scratch);
          });
    }
    return calls;
  }
}
