package dev.lanewise.internal.model;

import dev.lanewise.internal.model.GptWeights.Head;
import dev.lanewise.internal.model.GptWeights.Norm;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * From the residual stream to logits: the final layer norm (GPT-2), then the output matrix; and
 * from pooled states to the outputs of a head. Not thread-safe.
 */
final class OutputHead implements AutoCloseable {

  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Outputs are cut in multiples of a panel. */
  private static final int OUTPUT_UNIT = Matrix.PANEL;

  private final GptWeights weights;
  private final @Nullable WeightStore<Matrix> output;
  private final float epsilon;
  private final long rowBytes;
  private final PackedRows packed = new PackedRows();
  private final Workers.Task multiplyTask = this::multiply;

  private OwnedBuffer buffer = new OwnedBuffer(Float.BYTES);
  private MemorySegment logits = buffer.segment;

  // The product under way.
  private @Nullable Kernels kernels;
  private @Nullable Matrix matrix;

  OutputHead(GptWeights weights, @Nullable WeightStore<Matrix> output, float epsilon) {
    this.weights = weights;
    this.output = output;
    this.epsilon = epsilon;
    this.rowBytes = (long) weights.tokens().width() * Float.BYTES;
  }

  /** Logits {@code (count, vocab)} of the rows that begin at byte {@code offset}. */
  MemorySegment logits(Kernels kernels, Workers workers, Workspace space, long offset, int count) {
    WeightStore<Matrix> store = output;
    if (store == null) {
      throw new IllegalStateException(
          "the model has no language-model head: no tensor 'lm_head.weight', and the config does"
              + " not tie it to the embedding");
    }
    WeightStore.Lot<Matrix> entered = store.enter(kernels, workers);
    try {
      if (weights.finalNorm() == null) {
        return multiply(kernels, workers, entered.weights(), space.residual, offset, count);
      }
      states(kernels, space.residual, offset, count, space.normalized, 0);
      return multiply(kernels, workers, entered.weights(), space.normalized, 0, count);
    } finally {
      entered.exit();
    }
  }

  /** A head's outputs for a pooled state: all of them, or as many as there is room for. */
  void scores(Kernels kernels, Workers workers, Head head, MemorySegment state, float[] scores) {
    Matrix matrix = head.weight();
    MemorySegment row = multiply(kernels, workers, matrix, state, 0, 1);
    Floats bias = head.bias();
    for (int i = 0; i < scores.length; i++) {
      long at = (long) i * Float.BYTES;
      float score = row.get(FLOAT, at);
      scores[i] = bias == null ? score : score + bias.segment().get(FLOAT, bias.offset() + at);
    }
  }

  /**
   * The states of rows of the residual stream: after the final norm, where the model has one.
   *
   * @param offset of the first row
   * @param target receives {@code (count, nEmbd)}
   */
  void states(
      Kernels kernels,
      MemorySegment residual,
      long offset,
      int count,
      MemorySegment target,
      long targetOffset) {
    Norm norm = weights.finalNorm();
    if (norm == null) {
      MemorySegment.copy(residual, offset, target, targetOffset, count * rowBytes);
      return;
    }
    kernels.layerNorm(
        residual,
        offset,
        rowBytes,
        0,
        count,
        norm.gain(),
        norm.bias(),
        epsilon,
        target,
        targetOffset,
        rowBytes);
  }

  private MemorySegment multiply(
      Kernels kernels,
      Workers workers,
      Matrix matrix,
      MemorySegment input,
      long inputOffset,
      int count) {
    long bytes = (long) count * matrix.out() * Float.BYTES;
    if (logits.byteSize() < bytes) {
      buffer.close();
      buffer = new OwnedBuffer(bytes);
      logits = buffer.segment;
    }
    packed.reset(count, matrix);
    kernels.pack(input, inputOffset, (long) matrix.in() * Float.BYTES, packed, 0, count);
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
