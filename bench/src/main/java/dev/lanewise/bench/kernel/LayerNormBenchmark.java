package dev.lanewise.bench.kernel;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Kernels;
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

/** Layer normalization of tokens' states, 768 wide. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class LayerNormBenchmark implements Work {

  private static final int WIDTH = 768;
  private static final float EPSILON = 1e-5f;

  /** Tokens. */
  @Param({"1", "32", "128"})
  public int rows = 1;

  private final Arena arena = Arena.ofShared();
  private MemorySegment x;
  private MemorySegment y;
  private Floats gain;
  private Floats bias;
  private final Kernels kernels = Kernels.get();

  /** Called by the harness. */
  public LayerNormBenchmark() {}

  /** Makes the operands, normalizes once and checks every value. */
  @Setup(Level.Trial)
  public void setUp() {
    x = Operands.random(arena, 1, (long) rows * WIDTH);
    y = Operands.zeros(arena, (long) rows * WIDTH);
    gain = Operands.floats(arena, 2, WIDTH);
    bias = Operands.floats(arena, 3, WIDTH);
    layerNorm();
    for (int row = 0; row < rows; row++) {
      verify((long) row * WIDTH);
    }
  }

  private void verify(long start) {
    double mean = 0;
    for (int i = 0; i < WIDTH; i++) {
      mean += Operands.get(x, start + i) / (double) WIDTH;
    }
    double variance = 0;
    for (int i = 0; i < WIDTH; i++) {
      double d = Operands.get(x, start + i) - mean;
      variance += d * d / WIDTH;
    }
    for (int i = 0; i < WIDTH; i++) {
      double normalized = (Operands.get(x, start + i) - mean) / Math.sqrt(variance + EPSILON);
      double expected =
          normalized * Operands.get(gain.segment(), i) + Operands.get(bias.segment(), i);
      Operands.check("value " + (start + i), expected, Operands.get(y, start + i), 1);
    }
  }

  /**
   * All rows.
   *
   * @return where they are
   */
  @Benchmark
  public MemorySegment layerNorm() {
    kernels.layerNorm(x, 0, WIDTH * 4L, 0, rows, gain, bias, EPSILON, y, 0, WIDTH * 4L);
    return y;
  }

  /** Frees the operands. */
  @TearDown(Level.Trial)
  public void tearDown() {
    arena.close();
  }

  @Override
  public double flops() {
    return 0;
  }

  /** Read by the kernel, from cache. */
  @Override
  public double readBytes() {
    return (double) rows * WIDTH * Float.BYTES;
  }
}
