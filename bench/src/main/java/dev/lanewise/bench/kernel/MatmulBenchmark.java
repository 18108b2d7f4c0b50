package dev.lanewise.bench.kernel;

import dev.lanewise.bench.Machine;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
 * y = x W + bias with the four matrices of a GPT-2 block, packing of x included. Each call takes
 * other weights, so many that they come from memory and not from a cache, as in a model.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class MatmulBenchmark implements Work {

  /** Tokens. */
  @Param({"1", "8", "32", "128", "512"})
  public int rows = 1;

  /** in x out of the matrix. */
  @Param({"768x2304", "768x768", "768x3072", "3072x768"})
  public String shape = "768x2304";

  /** Float32 in panels, or in the order of a file; or the name of a smaller type. */
  @Param({"PANELS", "IN_OUT", "F16", "BF16", "I8_SCALED", "I8A8", "Q8_0", "Q4_0"})
  public String weights = "PANELS";

  /** Threads that share one call. */
  @Param("1")
  public int threads = 1;

  private int in;
  private int out;
  private int copies;
  private final Arena arena = Arena.ofShared();
  private Workers workers;
  private MemorySegment x;
  private Floats bias;
  private MemorySegment y;
  private Matrix float32;
  private Matrix[] matrices;
  private final PackedRows packed = new PackedRows();
  private final Kernels kernels = Kernels.get();
  private final Workers.Task packTask = this::pack;
  private final Workers.Task task = this::multiply;
  private Matrix matrix;
  private int call;

  /** Called by the harness. */
  public MatmulBenchmark() {}

  /** Makes the operands, multiplies once and checks the product. */
  @Setup(Level.Trial)
  public void setUp() {
    sizes();
    workers = threads == 1 ? Workers.sequential() : Workers.fixed(threads);
    x = Operands.random(arena, 1, (long) rows * in);
    float32 = new Matrix(Operands.random(arena, 2, (long) in * out), 0, in, out, Layout.IN_OUT);
    Matrix one = matrix(arena);
    long bytes = one.byteSize();
    copies = (int) Math.ceilDiv(Machine.current().rotationBytes(), bytes);
    bias = Operands.floats(arena, 3, out);
    y = Operands.zeros(arena, (long) rows * out);
    matrices = new Matrix[copies];
    MemorySegment all = arena.allocate(bytes * copies, 64);
    for (int i = 0; i < copies; i++) {
      MemorySegment.copy(one.segment(), one.offset(), all, i * bytes, bytes);
      matrices[i] = new Matrix(all, i * bytes, in, out, one.layout(), one.type());
    }
    matrix = matrices[0];
    matmul();
    verify();
  }

  private Matrix matrix(Arena arena) {
    return switch (weights) {
      case "IN_OUT" -> float32;
      case "PANELS" -> {
        Matrix panels = Matrix.panels(arena, in, out);
        panels.packPanels(float32, 0, out);
        yield panels;
      }
      default -> {
        Matrix small = SmallWeights.allocate(arena, DType.valueOf(weights), in, out);
        SmallWeights.pack(float32, small, 0, out);
        yield small;
      }
    };
  }

  private boolean isFloat32() {
    return weights.equals("PANELS") || weights.equals("IN_OUT");
  }

  /** The numbers that the weights of output n stand for. */
  private MemorySegment column(int n, MemorySegment values) {
    if (isFloat32()) {
      for (int k = 0; k < in; k++) {
        float weight = Operands.get(float32.segment(), (long) k * out + n);
        values.setAtIndex(ValueLayout.JAVA_FLOAT, k, weight);
      }
    } else {
      SmallWeights.decodeOutput(matrix, n, values, 0);
    }
    return values;
  }

  private void sizes() {
    String[] sizes = shape.split("x", 2);
    in = Integer.parseInt(sizes[0]);
    out = Integer.parseInt(sizes[1]);
  }

  /** Every row in 16 columns spread over all of them, the first and the last among them. */
  private void verify() {
    // Rows of I8A8 are rounded: by half of 1 / 127 of what is at most 1. (Allowed is 1e-5.)
    double rounding = weights.equals("I8A8") ? 0.5 / 127 : 0;
    MemorySegment values = arena.allocate(in * 4L, 64);
    for (int i = 0; i < 16; i++) {
      int column = (int) ((long) i * (out - 1) / 15);
      column(column, values);
      for (int row = 0; row < rows; row++) {
        double sum = Operands.get(bias.segment(), column);
        double magnitude = 0;
        for (int k = 0; k < in; k++) {
          double weight = Operands.get(values, k);
          double term = Operands.get(x, (long) row * in + k) * weight;
          sum += term;
          magnitude += Math.abs(term) + rounding * 1e5 * Math.abs(weight);
        }
        float found = Operands.get(y, (long) row * out + column);
        Operands.check("row " + row + ", column " + column, sum, found, magnitude);
      }
    }
  }

  /**
   * One product.
   *
   * @return where it is
   */
  @Benchmark
  public MemorySegment matmul() {
    matrix = matrices[call];
    call = call + 1 == copies ? 0 : call + 1;
    packed.reset(rows, matrix);
    workers.run(packTask);
    workers.run(task);
    return y;
  }

  private void pack(int part, int parts) {
    kernels.pack(x, 0, in * 4L, packed, cut(rows, 8, part, parts), cut(rows, 8, part + 1, parts));
  }

  private void multiply(int part, int parts) {
    int from = cut(out, Matrix.PANEL, part, parts);
    int to = cut(out, Matrix.PANEL, part + 1, parts);
    kernels.matmul(packed, matrix, bias, false, y, 0, out * 4L, from, to);
  }

  static int cut(int n, int unit, int part, int parts) {
    return Math.min(n, Math.ceilDiv(n, unit) * part / parts * unit);
  }

  /** Frees the operands. */
  @TearDown(Level.Trial)
  public void tearDown() {
    workers.close();
    arena.close();
  }

  @Override
  public double flops() {
    sizes();
    return 2.0 * rows * in * out;
  }

  @Override
  public double readBytes() {
    sizes();
    double elements = (double) in * out;
    return isFloat32()
        ? elements * Float.BYTES
        : SmallWeights.panelBytes(DType.valueOf(weights), in) * (out / (double) Matrix.PANEL);
  }

  @Override
  public int threads() {
    return threads;
  }
}
