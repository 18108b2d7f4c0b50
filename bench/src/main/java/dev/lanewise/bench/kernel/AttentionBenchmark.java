package dev.lanewise.bench.kernel;

import dev.lanewise.kernels.AttentionScratch;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.KvCache;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Causal attention of one GPT-2 layer over a whole text, keys and values stored on the way. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class AttentionBenchmark implements Work {

  private static final int HEADS = 12;
  private static final int HEAD_SIZE = 64;
  private static final int WIDTH = HEADS * HEAD_SIZE;
  private static final float SCALE = 0.125f;

  /** Length of the text. */
  @Param({"32", "128", "512"})
  public int tokens = 32;

  private final Arena arena = Arena.ofShared();
  private MemorySegment qkv;
  private MemorySegment out;
  private KvCache cache;
  private AttentionScratch scratch;
  private final Kernels kernels = Kernels.get();

  /** Called by the harness. */
  public AttentionBenchmark() {}

  /** Makes the operands, attends once and checks some rows of every head. */
  @Setup(Level.Trial)
  public void setUp() {
    qkv = Operands.random(arena, 1, 3L * WIDTH * tokens);
    out = Operands.zeros(arena, (long) WIDTH * tokens);
    cache = new KvCache(arena, 1, HEADS, HEAD_SIZE, tokens);
    scratch = new AttentionScratch(arena, HEAD_SIZE);
    attention();
    for (int head = 0; head < HEADS; head++) {
      for (int row : new int[] {0, 1, tokens / 2, tokens - 1}) {
        verify(head, row);
      }
    }
  }

  private void verify(int head, int row) {
    double[] weights = new double[row + 1];
    double sum = 0;
    for (int j = 0; j <= row; j++) {
      double score = 0;
      for (int d = 0; d < HEAD_SIZE; d++) {
        score += (double) at(row, 0, head, d) * at(j, 1, head, d);
      }
      weights[j] = Math.exp(score * SCALE);
      sum += weights[j];
    }
    for (int d = 0; d < HEAD_SIZE; d++) {
      double expected = 0;
      for (int j = 0; j <= row; j++) {
        expected += weights[j] / sum * at(j, 2, head, d);
      }
      float found = Operands.get(out, (long) row * WIDTH + (long) head * HEAD_SIZE + d);
      Operands.check("row %d, head %d, component %d".formatted(row, head, d), expected, found, 1);
    }
  }

  /** A component of a query (0), key (1) or value (2). */
  private float at(int row, int which, int head, int d) {
    return Operands.get(qkv, (3L * row + which) * WIDTH + (long) head * HEAD_SIZE + d);
  }

  /**
   * All heads, one thread.
   *
   * @return where the result is
   */
  @Benchmark
  public MemorySegment attention() {
    long width = WIDTH * 4L;
    kernels.appendKeysAndValues(qkv, width, 2 * width, 3 * width, tokens, 0, cache, 0, 0, HEADS);
    kernels.attention(
        qkv, 0, 3 * width, tokens, 0, cache, 0, 0, HEADS, SCALE, out, 0, width, scratch);
    return out;
  }

  /** Frees the operands. */
  @TearDown(Level.Trial)
  public void tearDown() {
    arena.close();
  }

  /** Scores and weighted values of the pairs that a causal mask leaves; exp not counted. */
  @Override
  public double flops() {
    return 2.0 * 2 * HEAD_SIZE * HEADS * tokens * (tokens + 1) / 2;
  }

  @Override
  public double readBytes() {
    return 0;
  }
}
