package dev.lanewise.internal.fit;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Multinomial logistic regression with an L2 penalty: minimizes {@code sum of -log softmax(W x +
 * b)[label] + |W|^2 / (2 C)}, divided by the number of examples; the bias is not penalized. This is
 * scikit-learn's objective and its C.
 *
 * <p>The two products, of all examples with the weights and of the residuals with all examples, are
 * the matmul kernels' in float32; sums over examples are taken in their order, so the result does
 * not depend on the number of threads. Not thread-safe.
 */
final class LogisticRegression implements AutoCloseable {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Examples that go through a product together: their logits stay in cache. */
  private static final int CHUNK = 256;

  private static final int COLUMN_UNIT = 32;

  private final Kernels kernels;
  private final Workers workers;
  private final int[] labels;
  private final int classes;
  private final int width;
  private final boolean bias;
  private final Arena arena = Arena.ofShared();

  /** Examples {@code (n, width)}, as a matrix that residuals are multiplied with. */
  private final Matrix examples;

  /** The same examples, packed to be multiplied with the weights. */
  private final PackedRows[] packed;

  /** {@code (width, classes)}. */
  private final Matrix weights;

  /** {@code (n, classes)}: logits. */
  private final MemorySegment logits;

  /** {@code (classes, n)}: probabilities minus 1 for the label. */
  private final MemorySegment residuals;

  /** {@code (classes, width)}. */
  private final MemorySegment products;

  private final PackedRows packedResiduals = new PackedRows();
  private final double[] losses;

  /**
   * Over examples.
   *
   * @param features one vector each, standardized as they are copied
   * @param labels of the examples, from 0
   * @param bias whether there is one
   */
  LogisticRegression(
      List<float[]> features,
      Standardization standard,
      int[] labels,
      int classes,
      boolean bias,
      Kernels kernels,
      Workers workers) {
    this.kernels = kernels;
    this.workers = workers;
    this.labels = labels.clone();
    this.classes = classes;
    this.bias = bias;
    this.width = features.getFirst().length;
    int n = labels.length;
    this.losses = new double[n];
    MemorySegment x = floats((long) n * width);
    for (int i = 0; i < n; i++) {
      float[] values = features.get(i);
      for (int d = 0; d < width; d++) {
        x.set(FLOAT, ((long) i * width + d) * Float.BYTES, standard.apply(values, d));
      }
    }
    this.examples = new Matrix(x, 0, n, width, Layout.IN_OUT);
    this.weights = new Matrix(floats((long) width * classes), 0, width, classes, Layout.IN_OUT);
    this.logits = floats((long) n * classes);
    this.residuals = floats((long) n * classes);
    this.products = floats((long) classes * width);
    this.packed = new PackedRows[Math.ceilDiv(n, CHUNK)];
    long stride = (long) width * Float.BYTES;
    for (int chunk = 0; chunk < packed.length; chunk++) {
      packed[chunk] = new PackedRows();
      int rows = Math.min(CHUNK, n - chunk * CHUNK);
      packed[chunk].reset(rows, weights);
      kernels.pack(x, (long) chunk * CHUNK * stride, stride, packed[chunk], 0, rows);
    }
  }

  private MemorySegment floats(long count) {
    return arena.allocate(count * Float.BYTES, 64);
  }

  /** Length of the parameters: W {@code (width, classes)}, then b, which stays 0 without bias. */
  int parameters() {
    return (width + 1) * classes;
  }

  /** The objective at these parameters. */
  Lbfgs.Objective objective(double c) {
    return (x, gradient) -> evaluate(c, x, gradient);
  }

  private double evaluate(double c, double[] x, double[] gradient) {
    int n = labels.length;
    int end = width * classes;
    for (int i = 0; i < end; i++) {
      weights.segment().set(FLOAT, (long) i * Float.BYTES, (float) x[i]);
    }
    double[] b = new double[classes];
    System.arraycopy(x, end, b, 0, bias ? classes : 0);
    workers.run((part, parts) -> predict(part, parts, b));
    packedResiduals.reset(classes, examples);
    kernels.pack(residuals, 0, (long) n * Float.BYTES, packedResiduals, 0, classes);
    workers.run(this::differentiate);
    double loss = 0;
    for (double of : losses) {
      loss += of;
    }
    double penalty = 0;
    for (int d = 0; d < width; d++) {
      for (int k = 0; k < classes; k++) {
        int i = d * classes + k;
        penalty += x[i] * x[i];
        double product = products.get(FLOAT, ((long) k * width + d) * Float.BYTES);
        gradient[i] = (product + x[i] / c) / n;
      }
    }
    for (int k = 0; k < classes; k++) {
      double sum = 0;
      for (int i = 0; i < n && bias; i++) {
        sum += residuals.get(FLOAT, ((long) k * n + i) * Float.BYTES);
      }
      gradient[end + k] = sum / n;
    }
    return (loss + penalty / (2 * c)) / n;
  }

  /** Logits, losses and residuals of some chunks of examples. */
  private void predict(int part, int parts, double[] b) {
    long stride = (long) classes * Float.BYTES;
    double[] p = new double[classes];
    for (int chunk = part; chunk < packed.length; chunk += parts) {
      int from = chunk * CHUNK;
      long at = from * stride;
      kernels.matmul(packed[chunk], weights, null, false, logits, at, stride, 0, classes);
      for (int i = from; i < from + packed[chunk].rows(); i++) {
        double max = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < classes; k++) {
          p[k] = logits.get(FLOAT, i * stride + (long) k * Float.BYTES) + b[k];
          max = Math.max(max, p[k]);
        }
        double labelled = p[labels[i]];
        double sum = 0;
        for (int k = 0; k < classes; k++) {
          p[k] = StrictMath.exp(p[k] - max);
          sum += p[k];
        }
        losses[i] = max + StrictMath.log(sum) - labelled;
        for (int k = 0; k < classes; k++) {
          float residual = (float) (p[k] / sum - (k == labels[i] ? 1 : 0));
          residuals.set(FLOAT, ((long) k * labels.length + i) * Float.BYTES, residual);
        }
      }
    }
  }

  private void differentiate(int part, int parts) {
    int units = Math.ceilDiv(width, COLUMN_UNIT);
    int from = Math.min(width, units * part / parts * COLUMN_UNIT);
    int to = Math.min(width, units * (part + 1) / parts * COLUMN_UNIT);
    long stride = (long) width * Float.BYTES;
    kernels.matmul(packedResiduals, examples, null, false, products, 0, stride, from, to);
  }

  @Override
  public void close() {
    arena.close();
  }
}
