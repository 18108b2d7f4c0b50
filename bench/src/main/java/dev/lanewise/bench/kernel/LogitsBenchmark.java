package dev.lanewise.bench.kernel;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.Workers;
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
 * Logits of one token: its state times the token embedding, {@code (out, in)}. The matrix of 154 MB
 * is read from memory each time, which is what limits it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class LogitsBenchmark implements Work {

  private static final int IN = 768;

  /** Rows of the token embedding. */
  @Param("50257")
  public int vocabSize = 50_257;

  /** Threads that share one call. */
  @Param("1")
  public int threads = 1;

  private final Arena arena = Arena.ofShared();
  private Workers workers;
  private MemorySegment x;
  private Matrix matrix;
  private MemorySegment y;
  private final PackedRows packed = new PackedRows();
  private final Kernels kernels = Kernels.get();
  private final Workers.Task task = this::multiply;

  /** Called by the harness. */
  public LogitsBenchmark() {}

  /** Makes the operands, multiplies once and checks every logit. */
  @Setup(Level.Trial)
  public void setUp() {
    workers = threads == 1 ? Workers.sequential() : Workers.fixed(threads);
    x = Operands.random(arena, 1, IN);
    MemorySegment weights = Operands.random(arena, 2, (long) vocabSize * IN);
    matrix = new Matrix(weights, 0, IN, vocabSize, Matrix.Layout.OUT_IN);
    y = Operands.zeros(arena, vocabSize);
    logits();
    for (int n = 0; n < vocabSize; n++) {
      double sum = 0;
      double magnitude = 0;
      for (int k = 0; k < IN; k++) {
        double term = (double) Operands.get(x, k) * Operands.get(weights, (long) n * IN + k);
        sum += term;
        magnitude += Math.abs(term);
      }
      Operands.check("logit " + n, sum, Operands.get(y, n), magnitude);
    }
  }

  /**
   * One row of logits.
   *
   * @return where it is
   */
  @Benchmark
  public MemorySegment logits() {
    packed.reset(1, IN, Matrix.Layout.OUT_IN);
    kernels.pack(x, 0, IN * 4L, packed, 0, 1);
    workers.run(task);
    return y;
  }

  private void multiply(int part, int parts) {
    int from = MatmulBenchmark.cut(vocabSize, 16, part, parts);
    int to = MatmulBenchmark.cut(vocabSize, 16, part + 1, parts);
    kernels.matmul(packed, matrix, null, false, y, 0, vocabSize * 4L, from, to);
  }

  /** Frees the operands. */
  @TearDown(Level.Trial)
  public void tearDown() {
    workers.close();
    arena.close();
  }

  @Override
  public double flops() {
    return 2.0 * vocabSize * IN;
  }

  @Override
  public double readBytes() {
    return (double) vocabSize * IN * Float.BYTES;
  }

  @Override
  public int threads() {
    return threads;
  }
}
