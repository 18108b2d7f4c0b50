package dev.lanewise.bench.peers.onnx;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.peers.onnx.OnnxGraph.ElementType;
import java.util.List;
import java.util.Map;

/**
 * A GPT in ONNX Runtime's own operators: attention in one, residual and norm in one, bias and GELU
 * in one. Its optimizer does not find attention by itself. Hidden states are {@code (1, T, C)}.
 */
final class FusedGpt {

  private static final float EPSILON = 1e-5f;

  private final OnnxGraph graph;
  private final GptWeights weights;
  private final Products products;
  private final GptShape shape;
  private final boolean cached;

  /**
   * A writer.
   *
   * @param cached whether keys and values come in as {@code past_0} ... and go out as {@code
   *     present_0} ..., each {@code (2, 1, heads, T, headSize)}
   */
  FusedGpt(OnnxGraph graph, GptWeights weights, Products products, GptShape shape, boolean cached) {
    this.graph = graph;
    this.weights = weights;
    this.products = products;
    this.shape = shape;
    this.cached = cached;
  }

  /** Writes the graph; its output is for the last token alone. */
  void write(boolean classifier) {
    graph.input("input_ids", ElementType.INT64, 1L, "n");
    String x = weights.embeddings("input_ids", positions());
    String last = shape.normalizesFirst() ? normFirst(x) : normAfter(x);
    last = graph.op("Gather", List.of(last, graph.scalar("last", -1L)), Map.of("axis", 1L));
    String logits = products.multiply(last, weights.head(classifier));
    graph.op("", "Identity", List.of(logits), Map.of(), List.of("logits"));
    long outputs = classifier ? GptShape.LABELS : shape.vocabSize();
    graph.output("logits", ElementType.FLOAT, 1L, outputs);
    for (int layer = 0; cached && layer < shape.layers(); layer++) {
      long heads = shape.heads();
      long size = shape.headSize();
      graph.input("past_" + layer, ElementType.FLOAT, 2L, 1L, heads, "past", size);
      graph.output("present_" + layer, ElementType.FLOAT, 2L, 1L, heads, "all", size);
    }
  }

  private String positions() {
    String start = cached ? size("past_0", 3) : graph.scalar("zero", 0L);
    String count = size("input_ids", 1);
    String end = cached ? graph.op("Add", start, count) : count;
    return graph.op("Range", start, end, graph.scalar("one", 1L));
  }

  private String size(String of, long axis) {
    return graph.op(
        "Squeeze", graph.op("Shape", List.of(of), Map.of("start", axis, "end", axis + 1)));
  }

  /** GPT-2: each sub-layer reads a norm of the residual stream, which itself is only added to. */
  private String normFirst(String embeddings) {
    String x = embeddings;
    String read =
        graph.op(
            "LayerNormalization",
            List.of(x, vector("h.0.ln_1.weight"), vector("h.0.ln_1.bias")),
            Map.of("axis", -1L, "epsilon", EPSILON));
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = "h." + layer + ".";
      String attended = graph.fresh("residual");
      read =
          addAndNorm(
              x, attention(read, layer), block + "ln_2", block + "attn.c_proj.bias", attended);
      x = graph.fresh("residual");
      read =
          addAndNorm(
              attended,
              feedForward(read, block),
              weights.normAfter(layer),
              block + "mlp.c_proj.bias",
              x);
    }
    return read;
  }

  /** GPT-1: the residual stream itself is normalized after each sub-layer. */
  private String normAfter(String embeddings) {
    String x = embeddings;
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = "h." + layer + ".";
      x = addAndNorm(x, attention(x, layer), block + "ln_1", block + "attn.c_proj.bias", "");
      x = addAndNorm(x, feedForward(x, block), block + "ln_2", block + "mlp.c_proj.bias", "");
    }
    return x;
  }

  private String vector(String name) {
    return weights.vector(name, shape.embd());
  }

  /**
   * The norm of {@code x + added + bias}.
   *
   * @param sum name for {@code x + added + bias} itself, "" if it isn't needed
   */
  private String addAndNorm(String x, String added, String norm, String bias, String sum) {
    String out = graph.fresh("norm");
    graph.op(
        OnnxGraph.MICROSOFT,
        "SkipLayerNormalization",
        List.of(x, added, vector(norm + ".weight"), vector(norm + ".bias"), vector(bias)),
        Map.of("epsilon", EPSILON),
        sum.isEmpty() ? List.of(out) : List.of(out, "", "", sum));
    return out;
  }

  /** Without the projection's bias. */
  private String attention(String x, int layer) {
    String name = "h." + layer + ".attn.";
    int embd = shape.embd();
    String mixed =
        products.attention(
            x,
            weights.matrix(name + "c_attn.weight", embd, 3 * embd),
            weights.vector(name + "c_attn.bias", 3 * embd),
            shape.heads(),
            cached ? "past_" + layer : "",
            cached ? "present_" + layer : "");
    return products.multiply(mixed, weights.matrix(name + "c_proj.weight", embd, embd));
  }

  /** Without the second bias. */
  private String feedForward(String x, String block) {
    int embd = shape.embd();
    int inner = shape.inner();
    String hidden = products.multiply(x, weights.matrix(block + "mlp.c_fc.weight", embd, inner));
    String bias = weights.vector(block + "mlp.c_fc.bias", inner);
    String gelu = graph.op(OnnxGraph.MICROSOFT, "FastGelu", List.of(hidden, bias), Map.of());
    return products.multiply(gelu, weights.matrix(block + "mlp.c_proj.weight", inner, embd));
  }
}
