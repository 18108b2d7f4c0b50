package dev.lanewise.bench.kernel;

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

/**
 * Softmax of one row: a short one, and logits over GPT-2's vocabulary. In place, so each call
 * copies its input first; the copy is from cache and small beside the function.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SoftmaxBenchmark implements Work {

  /** Length of the row. */
  @Param({"150", "50257"})
  public int n = 150;

  private final Arena arena = Arena.ofShared();
  private MemorySegment x;
  private MemorySegment y;
  private final Kernels kernels = Kernels.get();

  /** Called by the harness. */
  public SoftmaxBenchmark() {}

  /** Makes the input, applies the function once and checks every value. */
  @Setup(Level.Trial)
  public void setUp() {
    x = Operands.random(arena, 1, n);
    y = Operands.zeros(arena, n);
    softmax();
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.exp(Operands.get(x, i));
    }
    for (int i = 0; i < n; i++) {
      // Held against the mean probability 1/n, or any small number would pass in a long row.
      Operands.check(
          "n times probability " + i,
          n * Math.exp(Operands.get(x, i)) / sum,
          n * Operands.get(y, i),
          1);
    }
  }

  /**
   * All values.
   *
   * @return where they are
   */
  @Benchmark
  public MemorySegment softmax() {
    y.copyFrom(x);
    kernels.softmax(y, 0, n);
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

  /** Read by the function, from cache. */
  @Override
  public double readBytes() {
    return (double) n * Float.BYTES;
  }
}
