package dev.lanewise.bench.peers.onnx;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.peers.FloatSource;
import dev.lanewise.bench.peers.StoredTensors;

/** The tensors of a checkpoint as constants of a graph. */
final class GptWeights {

  private final OnnxGraph graph;
  private final GptShape shape;
  private final StoredTensors tensors;

  GptWeights(OnnxGraph graph, GptShape shape, StoredTensors tensors) {
    this.graph = graph;
    this.shape = shape;
    this.tensors = tensors;
  }

  /** A matrix that rows are multiplied by, {@code (in, out)}. */
  record Matrix(String name, int in, int out, FloatSource values) {}

  /** A matrix that is stored as it is used. */
  Matrix matrix(String name, int in, int out) {
    return new Matrix(name, in, out, () -> tensors.values(name));
  }

  /** A matrix that is stored {@code (out, in)}. */
  Matrix transposed(String name, int in, int out) {
    return new Matrix(name + ".T", in, out, () -> tensors.transposed(name, out));
  }

  /** A vector, as a constant. */
  String vector(String name, int size) {
    return graph.floats(name, () -> tensors.values(name), size);
  }

  /** A table of {@code rows} rows, as a constant. */
  private String table(String name, int rows) {
    return graph.floats(name, () -> tensors.values(name), rows, shape.embd());
  }

  /** Adds the rows of {@code ids} and {@code positions}; returns their sum. */
  String embeddings(String ids, String positions) {
    String tokens = graph.op("Gather", table(shape.tokenEmbedding(), shape.vocabSize()), ids);
    String places =
        graph.op("Gather", table(shape.positionEmbedding(), shape.positions()), positions);
    return graph.op("Add", tokens, places);
  }

  /** The output matrix: labels, or the tied token embedding. */
  Matrix head(boolean classifier) {
    return classifier
        ? transposed("score.weight", shape.embd(), GptShape.LABELS)
        : transposed(shape.tokenEmbedding(), shape.embd(), shape.vocabSize());
  }

  /** Name of the norm that follows block {@code layer}, in a model that normalizes first. */
  String normAfter(int layer) {
    return layer + 1 < shape.layers() ? "h." + (layer + 1) + ".ln_1" : "ln_f";
  }
}
