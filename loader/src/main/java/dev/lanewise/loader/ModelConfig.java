package dev.lanewise.loader;

import dev.lanewise.kernels.Activation;
import java.util.List;
import java.util.OptionalInt;

/**
 * What {@code config.json} says of a model, in the terms of both architectures.
 *
 * @param architecture decides names, block order and defaults
 * @param vocabSize rows of the token embedding
 * @param nPositions the context length
 * @param nEmbd width of the residual stream
 * @param nLayer blocks
 * @param nHead attention heads; divides nEmbd
 * @param nInner width of the feed-forward layer
 * @param activation of the feed-forward layer
 * @param layerNormEpsilon added to the variance
 * @param scaleAttnWeights whether scores are divided by sqrt(headSize)
 * @param scaleAttnByInverseLayerIdx whether scores are also divided by layer + 1
 * @param tieWordEmbeddings whether the output matrix is the token embedding
 * @param labels names of the classes by id; empty where the config names none
 * @param numLabels as configured, or the number of labels, else 2 (the reference's default)
 * @param problemType how a classification head's outputs are read
 * @param bosTokenId start of text, if any
 * @param eosTokenId end of text, if any
 * @param padTokenId padding, if any
 * @param modelClass the class the config names ("GPT2ForSequenceClassification"), or ""
 */
public record ModelConfig(
    Architecture architecture,
    int vocabSize,
    int nPositions,
    int nEmbd,
    int nLayer,
    int nHead,
    int nInner,
    Activation activation,
    float layerNormEpsilon,
    boolean scaleAttnWeights,
    boolean scaleAttnByInverseLayerIdx,
    boolean tieWordEmbeddings,
    List<String> labels,
    int numLabels,
    ProblemType problemType,
    OptionalInt bosTokenId,
    OptionalInt eosTokenId,
    OptionalInt padTokenId,
    String modelClass) {

  /** The two settings of the machine. */
  public enum Architecture {
    /** GPT-1: layer norm after each sub-layer, none at the end. {@code model_type} openai-gpt. */
    OPENAI_GPT,
    /** GPT-2: layer norm before each sub-layer and at the end. {@code model_type} gpt2. */
    GPT2
  }

  /** How the outputs of a classification head are read; {@code problem_type} of the config. */
  public enum ProblemType {
    /** Softmax over the labels. */
    SINGLE_LABEL_CLASSIFICATION,
    /** A sigmoid for each label. */
    MULTI_LABEL_CLASSIFICATION,
    /** The outputs themselves. */
    REGRESSION
  }

  /** Copies the labels. */
  public ModelConfig {
    labels = List.copyOf(labels);
  }

  /** Components of one attention head. */
  public int headSize() {
    return nEmbd / nHead;
  }
}
