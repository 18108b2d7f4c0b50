package dev.lanewise.internal.model;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.Workers;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.TensorInfo;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/** Tensors to matrices of {@link SmallWeights}. What is mapped for that is let go at once. */
final class SmallLoader {

  private final Checkpoint checkpoint;
  private final SegmentAllocator allocator;
  private final Workers workers;

  SmallLoader(Checkpoint checkpoint, SegmentAllocator allocator, Workers workers) {
    this.checkpoint = checkpoint;
    this.allocator = allocator;
    this.workers = workers;
  }

  /** Inputs of a matrix; original releases have a 1 before the two dimensions. */
  static int in(TensorInfo tensor, Layout layout) {
    int inputs = tensor.shape().size() - (layout == Layout.IN_OUT ? 2 : 1);
    return Math.toIntExact(tensor.shape().get(inputs));
  }

  private static int out(TensorInfo tensor, Layout layout) {
    int outputs = tensor.shape().size() - (layout == Layout.IN_OUT ? 1 : 2);
    return Math.toIntExact(tensor.shape().get(outputs));
  }

  /**
   * Loads a matrix.
   *
   * @param layout of the tensor
   * @param type that it gets; what has scales and that very type keeps every bit
   * @throws UnsupportedCheckpointException if it has a weight that the type can't hold
   */
  Matrix load(TensorInfo tensor, Layout layout, DType type) throws IOException {
    int out = out(tensor, layout);
    Matrix target = SmallWeights.allocate(allocator, type, in(tensor, layout), out);
    try (Arena arena = Arena.ofShared()) {
      boolean same = tensor.dtype() == type && layout == Layout.OUT_IN;
      if (same && (type.isQuantized() || type.hasOutputScales())) {
        MemorySegment blocks = checkpoint.map(tensor, arena);
        workers.run(
            (part, parts) ->
                SmallWeights.packBlocks(
                    blocks,
                    0,
                    target,
                    Forward.cut(out, Matrix.PANEL, part, parts),
                    Forward.cut(out, Matrix.PANEL, part + 1, parts)));
      } else {
        Matrix source = float32(tensor, layout, arena);
        workers.run(
            (part, parts) ->
                SmallWeights.pack(
                    source,
                    target,
                    Forward.cut(out, Matrix.PANEL, part, parts),
                    Forward.cut(out, Matrix.PANEL, part + 1, parts)));
      }
    } catch (IllegalArgumentException e) {
      throw new UnsupportedCheckpointException(
          "%s: tensor '%s' cannot be %s: %s"
              .formatted(checkpoint.folder(), tensor.name(), type, e.getMessage()),
          e);
    }
    return target;
  }

  private Matrix float32(TensorInfo tensor, Layout layout, Arena arena) throws IOException {
    int in = in(tensor, layout);
    int out = out(tensor, layout);
    if (tensor.dtype() == DType.F32) {
      return new Matrix(checkpoint.map(tensor, arena), 0, in, out, layout);
    }
    Floats floats = checkpoint.floats(tensor, arena);
    return new Matrix(floats.segment(), floats.offset(), in, out, layout);
  }
}
