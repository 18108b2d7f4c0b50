package dev.lanewise.internal.model;

import dev.lanewise.internal.model.GptWeights.Block;
import dev.lanewise.internal.model.GptWeights.Linear;
import dev.lanewise.internal.model.GptWeights.Norm;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.GptTensors;
import dev.lanewise.loader.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns tensors into weights: float32 tensors stay where they are mapped, others are widened into
 * the model's memory.
 */
final class WeightLoader {

  /** A cache line, and the widest vector. */
  private static final long ALIGNMENT = 64;

  private final Checkpoint checkpoint;
  private final SegmentAllocator allocator;

  private WeightLoader(Checkpoint checkpoint, SegmentAllocator allocator) {
    this.checkpoint = checkpoint;
    this.allocator = allocator;
  }

  static GptWeights load(Checkpoint checkpoint, GptTensors tensors, SegmentAllocator allocator)
      throws IOException {
    return new WeightLoader(checkpoint, allocator).load(tensors);
  }

  private GptWeights load(GptTensors tensors) throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (GptTensors.Block block : tensors.blocks()) {
      blocks.add(
          new Block(
              norm(block.norm1()),
              linear(block.attention()),
              linear(block.projection()),
              norm(block.norm2()),
              linear(block.inner()),
              linear(block.outer())));
    }
    Matrix tokens = matrix(tensors.tokenEmbedding(), Layout.OUT_IN);
    Matrix output = null;
    if (tensors.isTied()) {
      output = tokens;
    } else if (tensors.output().isPresent()) {
      output = matrix(tensors.output().get(), Layout.OUT_IN);
    }
    Matrix classifier = null;
    Floats classifierBias = null;
    if (tensors.classifier().isPresent()) {
      GptTensors.Head head = tensors.classifier().get();
      classifier = matrix(head.weight(), Layout.OUT_IN);
      classifierBias = head.bias().isPresent() ? floats(head.bias().get()) : null;
    }
    @Nullable Norm finalNorm = null;
    if (tensors.finalNorm().isPresent()) {
      finalNorm = norm(tensors.finalNorm().get());
    }
    return new GptWeights(
        tokens,
        matrix(tensors.positionEmbedding(), Layout.OUT_IN),
        List.copyOf(blocks),
        finalNorm,
        output,
        classifier,
        classifierBias);
  }

  private Norm norm(GptTensors.Norm norm) throws IOException {
    return new Norm(floats(norm.weight()), floats(norm.bias()));
  }

  private Linear linear(GptTensors.Linear linear) throws IOException {
    Matrix weight =
        linear.layout() == Layout.IN_OUT
            ? matrix(linear.weight(), Layout.IN_OUT)
            : transposed(linear.weight());
    return new Linear(weight, floats(linear.bias()));
  }

  /** Turned to (in, out), so that a model has the same bits whichever format it comes in. */
  private Matrix transposed(TensorInfo tensor) throws IOException {
    int out = Math.toIntExact(tensor.shape().get(0));
    int in = Math.toIntExact(tensor.shape().get(1));
    try (Arena temporary = Arena.ofConfined()) {
      Floats stored = checkpoint.floats(tensor, temporary);
      MemorySegment turned = allocator.allocate((long) in * out * Float.BYTES, ALIGNMENT);
      Transpose.turn(stored.segment(), stored.offset(), out, in, turned);
      return new Matrix(turned, 0, in, out, Layout.IN_OUT);
    }
  }

  private Matrix matrix(TensorInfo tensor, Layout layout) throws IOException {
    Floats floats = floats(tensor);
    // The last two: original releases have a 1 before them.
    int outer = Math.toIntExact(tensor.shape().get(tensor.shape().size() - 2));
    int inner = Math.toIntExact(tensor.shape().getLast());
    return layout == Layout.IN_OUT
        ? new Matrix(floats.segment(), floats.offset(), outer, inner, layout)
        : new Matrix(floats.segment(), floats.offset(), inner, outer, layout);
  }

  private Floats floats(TensorInfo tensor) throws IOException {
    return checkpoint.floats(tensor, allocator);
  }
}
