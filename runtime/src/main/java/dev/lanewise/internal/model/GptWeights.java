package dev.lanewise.internal.model;

import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a GPT, in the order of the data flow. Immutable; the memory belongs to the model.
 *
 * @param tokens token embedding {@code (vocab, nEmbd)}
 * @param positions position embedding {@code (nPositions, nEmbd)}
 * @param blocks decoder blocks
 * @param finalNorm GPT-2's layer norm after the last block, null for GPT-1
 * @param output output matrix {@code (vocab, nEmbd)}, the token embedding where tied, or null
 * @param classifier classification head {@code (labels, nEmbd)}, or null
 * @param classifierBias the head's bias, or null
 */
record GptWeights(
    Matrix tokens,
    Matrix positions,
    List<Block> blocks,
    @Nullable Norm finalNorm,
    @Nullable Matrix output,
    @Nullable Matrix classifier,
    @Nullable Floats classifierBias) {

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
      Linear feedForwardOutput) {}
}
