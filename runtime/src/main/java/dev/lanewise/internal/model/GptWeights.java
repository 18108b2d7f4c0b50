package dev.lanewise.internal.model;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a GPT that stay where they were loaded: all but the blocks and the output matrix,
 * which are in {@link WeightStore}s. Immutable; the memory belongs to the model.
 *
 * @param tokens token embedding
 * @param positions position embedding {@code (nPositions, nEmbd)}
 * @param finalNorm GPT-2's layer norm after the last block, null for GPT-1
 * @param classifier classification head, an output for each label, or null
 * @param choice head that scores an answer of several, one output, or null
 */
record GptWeights(
    TokenEmbedding tokens,
    Matrix positions,
    @Nullable Norm finalNorm,
    @Nullable Head classifier,
    @Nullable Head choice) {

  /** A linear layer on pooled states {@code (out, in)}, with or without a bias. */
  record Head(Matrix weight, @Nullable Floats bias) {}

  /** Gain and bias of a layer norm. */
  record Norm(Floats gain, Floats bias) {}

  /** A matrix with its bias. */
  record Linear(Matrix weight, Floats bias) {}

  /**
   * One decoder block.
   *
   * @param attentionNorm ln_1
   * @param queryKeyValue {@code (nEmbd, 3 nEmbd)}: queries, keys, values, each {@code (heads,
   *     headSize)}
   * @param attentionOutput {@code (nEmbd, nEmbd)}
   * @param feedForwardNorm ln_2
   * @param feedForwardInput {@code (nEmbd, nInner)}
   * @param feedForwardOutput {@code (nInner, nEmbd)}
   */
  record Block(
      Norm attentionNorm,
      Linear queryKeyValue,
      Linear attentionOutput,
      Norm feedForwardNorm,
      Linear feedForwardInput,
      Linear feedForwardOutput) {

    /** Its matrices. */
    Stream<Matrix> matrices() {
      return Stream.of(queryKeyValue, attentionOutput, feedForwardInput, feedForwardOutput)
          .map(Linear::weight);
    }
  }
}
