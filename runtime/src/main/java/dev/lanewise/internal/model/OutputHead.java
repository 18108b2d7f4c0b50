package dev.lanewise.internal.model;

import dev.lanewise.internal.model.GptWeights.Norm;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * From the residual stream to logits: the final layer norm (GPT-2), then the output matrix or the
 * classification head. Not thread-safe.
 */
final class OutputHead implements AutoCloseable {

  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Outputs are cut in multiples of a panel. */
  private static final int OUTPUT_UNIT = Matrix.PANEL;

  private final GptWeights weights;
  private final @Nullable WeightStore<Matrix> output;
  private final Workers workers;
  private final float epsilon;
  private final long rowBytes;
  private final PackedRows packed = new PackedRows();
  private final Workers.Task multiplyTask = this::multiply;

  private OwnedBuffer buffer = new OwnedBuffer(Float.BYTES);
  private MemorySegment logits = buffer.segment;

  // The product under way.
  private @Nullable Kernels kernels;
  private @Nullable Matrix matrix;

  OutputHead(
      GptWeights weights, @Nullable WeightStore<Matrix> output, Workers workers, float epsilon) {
    this.weights = weights;
    this.output = output;
    this.workers = workers;
    this.epsilon = epsilon;
    this.rowBytes = (long) weights.tokens().width() * Float.BYTES;
  }

  /** Logits {@code (count, vocab)} of the rows that begin at byte {@code offset}. */
  MemorySegment logits(Kernels kernels, Workspace space, long offset, int count) {
    WeightStore<Matrix> store = output;
    if (store == null) {
      throw new IllegalStateException(
          "the model has no language-model head: no tensor 'lm_head.weight', and the config does"
              + " not tie it to the embedding");
    }
    WeightStore.Lot<Matrix> entered = store.enter(kernels, workers);
    try {
      return multiply(kernels, entered.weights(), space, offset, count);
    } finally {
      entered.exit();
    }
  }

  /** The classification head's outputs for the row at byte {@code offset}. */
  void classify(Kernels kernels, Workspace space, long offset, float[] scores) {
    Matrix head = weights.classifier();
    if (head == null) {
      throw new IllegalStateException("the model has no classification head");
    }
    MemorySegment row = multiply(kernels, head, space, offset, 1);
    var bias = weights.classifierBias();
    for (int i = 0; i < scores.length; i++) {
      float score = row.get(FLOAT, (long) i * Float.BYTES);
      scores[i] =
          bias == null
              ? score
              : score + bias.segment().get(FLOAT, bias.offset() + (long) i * Float.BYTES);
    }
  }

  private MemorySegment multiply(
      Kernels kernels, Matrix matrix, Workspace space, long offset, int count) {
    long bytes = (long) count * matrix.out() * Float.BYTES;
    if (logits.byteSize() < bytes) {
      buffer.close();
      buffer = new OwnedBuffer(bytes);
      logits = buffer.segment;
    }
    MemorySegment input = space.residual;
    long inputOffset = offset;
    Norm norm = weights.finalNorm();
    if (norm != null) {
      input = space.normalized;
      inputOffset = 0;
      kernels.layerNorm(
          space.residual,
          offset,
          rowBytes,
          0,
          count,
          norm.gain(),
          norm.bias(),
          epsilon,
          input,
          0,
          rowBytes);
    }
    packed.reset(count, matrix);
    kernels.pack(input, inputOffset, rowBytes, packed, 0, count);
    this.kernels = kernels;
    this.matrix = matrix;
    workers.run(multiplyTask);
    return logits;
  }

  private void multiply(int part, int parts) {
    Kernels k = kernels;
    Matrix w = matrix;
    if (k == null || w == null) {
      throw new IllegalStateException("nothing to multiply");
    }
    k.matmul(
        packed,
        w,
        null,
        false,
        logits,
        0,
        (long) w.out() * Float.BYTES,
        Forward.cut(w.out(), OUTPUT_UNIT, part, parts),
        Forward.cut(w.out(), OUTPUT_UNIT, part + 1, parts));
  }

  @Override
  public void close() {
    buffer.close();
  }
}
