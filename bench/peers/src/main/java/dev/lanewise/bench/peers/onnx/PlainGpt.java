package dev.lanewise.bench.peers.onnx;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.peers.onnx.OnnxGraph.ElementType;
import java.util.List;
import java.util.Map;

/**
 * A classifier in standard operators, as an export of a model's source has it; the runtime's
 * optimizer makes of it what it can. Hidden states are {@code (T, C)}.
 */
final class PlainGpt {

  private final OnnxGraph graph;
  private final GptWeights weights;
  private final Products products;
  private final GptShape shape;

  PlainGpt(OnnxGraph graph, GptWeights weights, Products products, GptShape shape) {
    this.graph = graph;
    this.weights = weights;
    this.products = products;
    this.shape = shape;
  }

  /** Writes the graph. */
  void classifier() {
    graph.input("input_ids", ElementType.INT64, 1L, "n");
    String flat = graph.vector("flat", -1);
    String ids = graph.op("Reshape", "input_ids", flat);
    String count = graph.op("Shape", ids);
    String end = graph.op("Squeeze", count);
    String positions = graph.op("Range", graph.scalar("zero", 0L), end, graph.scalar("one", 1L));
    String mask = mask(graph.op("Concat", List.of(count, count), Map.of("axis", 0L)));
    String x = weights.embeddings(ids, positions);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = "h." + layer + ".";
      if (shape.normalizesFirst()) {
        x = graph.op("Add", x, attention(norm(x, block + "ln_1"), block, mask));
        x = graph.op("Add", x, feedForward(norm(x, block + "ln_2"), block));
      } else {
        x = norm(graph.op("Add", x, attention(x, block, mask)), block + "ln_1");
        x = norm(graph.op("Add", x, feedForward(x, block)), block + "ln_2");
      }
    }
    if (shape.normalizesFirst()) {
      x = norm(x, "ln_f");
    }
    String last = graph.op("Gather", List.of(x, graph.vector("last", -1)), Map.of("axis", 0L));
    String logits = products.multiply(last, weights.head(true));
    graph.op("", "Identity", List.of(logits), Map.of(), List.of("logits"));
    graph.output("logits", ElementType.FLOAT, 1L, (long) GptShape.LABELS);
  }

  /** {@code (T, T)}: 0 where a token sees another, and the smallest float where not. */
  private String mask(String size) {
    String hidden = graph.op("Expand", graph.scalar("hidden", -Float.MAX_VALUE), size);
    return graph.op("Trilu", List.of(hidden, graph.scalar("one", 1L)), Map.of("upper", 1L));
  }

  private String norm(String x, String name) {
    return graph.op(
        "LayerNormalization",
        List.of(
            x,
            weights.vector(name + ".weight", shape.embd()),
            weights.vector(name + ".bias", shape.embd())),
        Map.of("axis", -1L, "epsilon", 1e-5f));
  }

  private String linear(String x, String name, int in, int out) {
    return products.multiplyAdd(
        x, weights.matrix(name + ".weight", in, out), weights.vector(name + ".bias", out));
  }

  private String attention(String x, String block, String mask) {
    int embd = shape.embd();
    String qkv = linear(x, block + "attn.c_attn", embd, 3 * embd);
    List<String> parts = List.of(graph.fresh("q"), graph.fresh("k"), graph.fresh("v"));
    graph.op(
        "",
        "Split",
        List.of(qkv, graph.vector("thirds", embd, embd, embd)),
        Map.of("axis", 1L),
        parts);
    String q = heads(parts.get(0), 1, 0, 2);
    String k = heads(parts.get(1), 1, 2, 0);
    String v = heads(parts.get(2), 1, 0, 2);
    String scale = graph.scalar("scale", (float) (1 / Math.sqrt(shape.headSize())));
    String scores = graph.op("Add", graph.op("Mul", graph.op("MatMul", q, k), scale), mask);
    String seen = graph.op("Softmax", List.of(scores), Map.of("axis", -1L));
    String mixed =
        graph.op(
            "Transpose",
            List.of(graph.op("MatMul", seen, v)),
            Map.of("perm", new long[] {1, 0, 2}));
    String joined = graph.op("Reshape", mixed, graph.vector("joined", -1, embd));
    return linear(joined, block + "attn.c_proj", embd, embd);
  }

  /** {@code (T, C)} to {@code (T, heads, headSize)}, then in another order. */
  private String heads(String x, long... order) {
    String split =
        graph.op("Reshape", x, graph.vector("heads", -1, shape.heads(), shape.headSize()));
    return graph.op("Transpose", List.of(split), Map.of("perm", order));
  }

  private String feedForward(String x, String block) {
    int inner = shape.inner();
    String hidden = gelu(linear(x, block + "mlp.c_fc", shape.embd(), inner));
    return linear(hidden, block + "mlp.c_proj", inner, shape.embd());
  }

  /** {@code 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}, "Gaussian Error Linear Units". */
  private String gelu(String x) {
    String cube = graph.op("Pow", x, graph.scalar("three", 3f));
    String sum = graph.op("Add", x, graph.op("Mul", cube, graph.scalar("cubic", 0.044715f)));
    String root = graph.scalar("root", (float) Math.sqrt(2 / Math.PI));
    String tanh = graph.op("Tanh", graph.op("Mul", sum, root));
    String half = graph.op("Mul", x, graph.scalar("half", 0.5f));
    return graph.op("Mul", half, graph.op("Add", tanh, graph.scalar("unit", 1f)));
  }
}
