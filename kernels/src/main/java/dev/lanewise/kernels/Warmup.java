package dev.lanewise.kernels;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.function.BooleanSupplier;

/**
 * Runs kernels on small data until the JVM has compiled them.
 *
 * <p>Until then a vector kernel is slower than a scalar one by orders of magnitude: the interpreter
 * and C1 make an object of every vector. That is also how the end is seen: compiled kernels
 * allocate nothing. Because all backends give the same bits, a model can answer with another
 * backend in the meantime.
 */
public final class Warmup {

  /** Rounds without a byte allocated after which the kernels count as compiled. */
  private static final int QUIET_ROUNDS = 8;

  /** About three times what was ever needed: a JVM that does not compile must not be waited for. */
  private static final int MOST_ROUNDS = 8_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Rows in panels of 8, 4 and 1. */
  private static final int ROWS = 13;

  /** Inputs: three groups of 16 lanes and some left over. */
  private static final int IN = 50;

  /** Outputs: two vectors, one vector, and columns left over, at every width. */
  private static final int OUT = 2 * 16 + 16 + 5;

  private final Kernels kernels;
  private final Activation activation;
  private final int headSize;
  private final MemorySegment x;
  private final MemorySegment y;
  private final Matrix inOut;
  private final Matrix outIn;
  private final Floats gain;
  private final Floats bias;
  private final KvCache cache;
  private final AttentionScratch scratch;
  private final PackedRows packed = new PackedRows();

  private Warmup(Kernels kernels, Activation activation, int headSize, Arena arena) {
    this.kernels = kernels;
    this.activation = activation;
    this.headSize = headSize;
    int width = Math.max(IN, 3 * headSize);
    x = arena.allocate((long) ROWS * width * Float.BYTES, 64);
    y = arena.allocate((long) ROWS * Math.max(OUT, headSize) * Float.BYTES, 64);
    MemorySegment w = arena.allocate((long) IN * OUT * Float.BYTES, 64);
    inOut = new Matrix(w, 0, IN, OUT, Matrix.Layout.IN_OUT);
    outIn = new Matrix(w, 0, IN, OUT, Matrix.Layout.OUT_IN);
    gain = new Floats(w, 0, OUT);
    bias = new Floats(w, 0, OUT);
    cache = new KvCache(arena, 1, 1, headSize, 2 * KvCache.BLOCK);
    scratch = new AttentionScratch(arena, headSize);
  }

  /**
   * Runs the kernels of a forward pass until they are compiled.
   *
   * @param activation of the model
   * @param headSize of the model
   * @param cancelled ends it early
   * @return whether they are compiled; false if cancelled, or if it took far too long
   */
  public static boolean run(
      Kernels kernels, Activation activation, int headSize, BooleanSupplier cancelled) {
    try (Arena arena = Arena.ofConfined()) {
      Warmup warmup = new Warmup(kernels, activation, headSize, arena);
      int quiet = 0;
      for (int round = 0; round < MOST_ROUNDS && !cancelled.getAsBoolean(); round++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        warmup.round(round);
        quiet = THREADS.getCurrentThreadAllocatedBytes() == before ? quiet + 1 : 0;
        if (quiet == QUIET_ROUNDS) {
          return true;
        }
      }
      return false;
    }
  }

  private void round(int round) {
    for (int rows = ROWS; rows > 0; rows = rows == ROWS ? 2 : rows - 1) {
      multiply(inOut, rows);
      multiply(outIn, rows);
      kernels.activate(activation, y, 0, (long) OUT * Float.BYTES, rows, 0, OUT);
      kernels.layerNorm(
          y,
          0,
          (long) OUT * Float.BYTES,
          0,
          rows,
          gain,
          bias,
          1e-5f,
          y,
          0,
          (long) OUT * Float.BYTES);
      kernels.addBias(y, 0, (long) OUT * Float.BYTES, 0, rows, bias);
    }
    kernels.add(x, 0, y, 0, y, 0, IN);
    // Prompts from the start, then single tokens and short prompts across a block's end.
    attend(ROWS, 0);
    attend(1, ROWS);
    attend(ROWS - round % 8, KvCache.BLOCK - 5);
  }

  private void multiply(Matrix w, int rows) {
    long stride = (long) OUT * Float.BYTES;
    packed.reset(rows, IN, w.layout());
    kernels.pack(x, 0, (long) IN * Float.BYTES, packed, 0, rows);
    kernels.matmul(packed, w, bias, false, y, 0, stride, 0, OUT);
    kernels.matmul(packed, w, null, false, y, 0, stride, 0, OUT);
    kernels.matmul(packed, w, null, true, y, 0, stride, 0, OUT);
  }

  private void attend(int rows, int position) {
    long headBytes = (long) headSize * Float.BYTES;
    long stride = 3 * headBytes;
    kernels.appendKeysAndValues(
        x, headBytes, 2 * headBytes, stride, rows, position, cache, 0, 0, 1);
    kernels.attention(x, 0, stride, rows, position, cache, 0, 0, 1, 1f, y, 0, headBytes, scratch);
  }
}
