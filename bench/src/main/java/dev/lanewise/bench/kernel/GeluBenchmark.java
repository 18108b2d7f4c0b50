package dev.lanewise.bench.kernel;

import dev.lanewise.kernels.Activation;
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
 * GELU, both forms, on the inner layer of a GPT-2 feed-forward network. In place, so each call
 * copies its input first; the copy is from cache and small beside the function.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class GeluBenchmark implements Work {

  private static final int INNER = 3072;

  /** Tokens. */
  @Param({"1", "32", "128"})
  public int rows = 1;

  /** Which form. */
  @Param({"GELU_TANH", "GELU_ERF"})
  public Activation activation = Activation.GELU_TANH;

  private final Arena arena = Arena.ofShared();
  private MemorySegment x;
  private MemorySegment y;
  private final Kernels kernels = Kernels.get();

  /** Called by the harness. */
  public GeluBenchmark() {}

  /** Makes the input, applies the function once and checks every value. */
  @Setup(Level.Trial)
  public void setUp() {
    x = Operands.random(arena, 1, (long) rows * INNER);
    y = Operands.zeros(arena, (long) rows * INNER);
    gelu();
    for (long i = 0; i < (long) rows * INNER; i++) {
      float input = Operands.get(x, i);
      Operands.check("gelu(" + input + ")", expected(input), Operands.get(y, i), 0.1);
    }
  }

  private double expected(double x) {
    if (activation == Activation.GELU_TANH) {
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }
    // Phi(x) = 1/2 + density(x) (x + x^3/3 + x^5/15 + ...), which converges fast for |x| < 1
    double term = x;
    double sum = x;
    for (int i = 3; i < 60; i += 2) {
      term *= x * x / i;
      sum += term;
    }
    return x * (0.5 + Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * sum);
  }

  /**
   * All values.
   *
   * @return where they are
   */
  @Benchmark
  public MemorySegment gelu() {
    y.copyFrom(x);
    kernels.activate(activation, y, 0, INNER * 4L, rows, 0, INNER);
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
    return (double) rows * INNER * Float.BYTES;
  }
}
