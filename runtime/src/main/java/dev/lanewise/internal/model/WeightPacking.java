package dev.lanewise.internal.model;

import dev.lanewise.internal.model.GptWeights.Block;
import dev.lanewise.internal.model.GptWeights.Linear;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Copies of weights in the order in which the vector kernels read them. */
final class WeightPacking {

  private WeightPacking() {}

  /** See {@link WeightStore.Packer}: the matrices of all blocks in panels. */
  static List<Block> blocks(
      List<Block> mapped, Arena arena, Workers workers, BooleanSupplier closed) {
    return mapped.stream()
        .takeWhile(block -> !closed.getAsBoolean())
        .map(
            block ->
                new Block(
                    block.attentionNorm(),
                    linear(block.queryKeyValue(), arena, workers),
                    linear(block.attentionOutput(), arena, workers),
                    block.feedForwardNorm(),
                    linear(block.feedForwardInput(), arena, workers),
                    linear(block.feedForwardOutput(), arena, workers)))
        .toList();
  }

  private static Linear linear(Linear linear, Arena arena, Workers workers) {
    Matrix source = linear.weight();
    if (source.type() != DType.F32) {
      return linear; // is in panels already
    }
    int out = source.out();
    Matrix panels = Matrix.panels(arena, source.in(), out);
    workers.run(
        (part, parts) ->
            panels.packPanels(
                source,
                Forward.cut(out, Matrix.PANEL, part, parts),
                Forward.cut(out, Matrix.PANEL, part + 1, parts)));
    return new Linear(panels, linear.bias());
  }

  /**
   * See {@link WeightStore.Packer}: the output matrix, in the same order. Mapped memory is a class
   * of segments of its own; once a vector kernel has seen both classes, all of them test for it at
   * each load, and matmul falls from 110 to 90 GFLOP/s.
   */
  static Matrix output(Matrix mapped, Arena arena, Workers workers, BooleanSupplier closed) {
    long bytes = (long) mapped.in() * mapped.out() * Float.BYTES;
    MemorySegment copy = arena.allocate(bytes, 64);
    MemorySegment.copy(mapped.segment(), mapped.offset(), copy, 0, bytes);
    return new Matrix(copy, 0, mapped.in(), mapped.out(), mapped.layout());
  }
}
