package dev.lanewise.loader;

import dev.lanewise.kernels.Matrix.Layout;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The tensors of a GPT-1 or GPT-2 model by their role, their shapes checked against the config.
 * Shapes are written with C = nEmbd, I = nInner, V = vocabSize, P = nPositions, L = labels.
 * Matrices of the blocks are written {@code (in, out)}, which GGUF stores as {@code (out, in)}; all
 * others are {@code (out, in)}.
 *
 * @param tokenEmbedding (V, C); it was resized where V is not the config's
 * @param positionEmbedding (P, C)
 * @param blocks one for each layer
 * @param finalNorm of GPT-2, after the last block; empty for GPT-1
 * @param output (V, C), the matrix of the language-model head: one that is stored, else the token
 *     embedding if the config ties them, else empty
 * @param classifier {@code score}: weight (L, C), or (L, 2C) by {@link Pooling}, with or without
 *     bias (L)
 * @param choiceHead {@code multiple_choice_head.summary}: weight (1, C), bias (1)
 * @param unused stored names that none of the above needs, attention masks apart
 */
public record GptTensors(
    TensorInfo tokenEmbedding,
    TensorInfo positionEmbedding,
    List<Block> blocks,
    Optional<Norm> finalNorm,
    Optional<TensorInfo> output,
    Optional<Head> classifier,
    Optional<Head> choiceHead,
    List<String> unused) {

  /**
   * Scale and shift of a layer norm.
   *
   * @param weight (C)
   * @param bias (C)
   */
  public record Norm(TensorInfo weight, TensorInfo bias) {}

  /**
   * A linear layer inside a block.
   *
   * @param weight (in, out) or (out, in)
   * @param bias (out)
   * @param layout which of them
   */
  public record Linear(TensorInfo weight, TensorInfo bias, Layout layout) {}

  /**
   * A linear layer on top of the model.
   *
   * @param weight (out, in)
   * @param bias (out), if it has one
   */
  public record Head(TensorInfo weight, Optional<TensorInfo> bias) {}

  /**
   * One layer.
   *
   * @param norm1 of GPT-1 after the attention, of GPT-2 before it
   * @param attention {@code c_attn}: weight (C, 3C), queries, keys and values side by side
   * @param projection {@code attn.c_proj}: weight (C, C)
   * @param norm2 of GPT-1 after the feed-forward layer, of GPT-2 before it
   * @param inner {@code mlp.c_fc}: weight (C, I)
   * @param outer {@code mlp.c_proj}: weight (I, C)
   */
  public record Block(
      Norm norm1, Linear attention, Linear projection, Norm norm2, Linear inner, Linear outer) {}

  /** Copies the lists. */
  public GptTensors {
    blocks = List.copyOf(blocks);
    unused = List.copyOf(unused);
  }

  /**
   * Finds the tensors of a model, whatever style their names have.
   *
   * @throws IncompatibleCheckpointException if some are missing or have other shapes than the
   *     config says; further problems are suppressed exceptions of the first
   * @throws UnsupportedCheckpointException if one holds no floats
   */
  public static GptTensors of(Checkpoint checkpoint, ModelConfig config) throws IOException {
    return new TensorMapping(checkpoint, config).map();
  }

  /** Rows of the token embedding, which may be others than the config says. */
  public int vocabSize() {
    return Math.toIntExact(tokenEmbedding.shape().getFirst());
  }

  /** Whether the output matrix is the token embedding. */
  public boolean isTied() {
    return output.isPresent() && output.get().equals(tokenEmbedding);
  }
}
