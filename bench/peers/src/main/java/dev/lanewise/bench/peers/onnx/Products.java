package dev.lanewise.bench.peers.onnx;

import dev.lanewise.bench.peers.onnx.GptWeights.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a graph multiplies by weights: what changes with their type. */
interface Products {

  /** {@code x W}. */
  String multiply(String x, Matrix weight);

  /** {@code x W + b}, with {@code x} of two dimensions. */
  String multiplyAdd(String x, Matrix weight, String bias);

  /**
   * Projection to q, k and v, and causal attention, as ONNX Runtime's one operator.
   *
   * @param past keys and values so far, "" for none
   * @param present name for keys and values so far and new, "" for none
   */
  String attention(String x, Matrix weight, String bias, int heads, String past, String present);

  /** Weights in float32. */
  record Float32(OnnxGraph graph) implements Products {

    private String constant(Matrix weight) {
      return graph.floats(weight.name(), weight.values(), weight.in(), weight.out());
    }

    @Override
    public String multiply(String x, Matrix weight) {
      return graph.op("MatMul", x, constant(weight));
    }

    @Override
    public String multiplyAdd(String x, Matrix weight, String bias) {
      return graph.op("Gemm", x, constant(weight), bias);
    }

    @Override
    public String attention(
        String x, Matrix weight, String bias, int heads, String past, String present) {
      String out = graph.fresh("attention");
      graph.op(
          OnnxGraph.MICROSOFT,
          "Attention",
          past.isEmpty()
              ? List.of(x, constant(weight), bias)
              : List.of(x, constant(weight), bias, "", past),
          Map.of("num_heads", (long) heads, "unidirectional", 1L),
          present.isEmpty() ? List.of(out) : List.of(out, present));
      return out;
    }
  }

  /**
   * Weights in int8 with a scale for each column, inputs quantized to uint8 as they come: the nodes
   * that ONNX Runtime's {@code quantize_dynamic} makes, per channel and with QInt8.
   */
  final class DynamicInt8 implements Products {

    private static final Map<String, Object> TO_FLOAT = Map.of("to", 1L);

    private final OnnxGraph graph;
    private final Map<String, Quantized> inputs = new HashMap<>();

    DynamicInt8(OnnxGraph graph) {
      this.graph = graph;
    }

    private record Quantized(String values, String scale, String zero) {}

    /** Each input once, whatever is multiplied by it. */
    private Quantized quantize(String x) {
      return inputs.computeIfAbsent(
          x,
          of -> {
            Quantized q = new Quantized(of + ".q", of + ".q.scale", of + ".q.zero");
            graph.op(
                "",
                "DynamicQuantizeLinear",
                List.of(of),
                Map.of(),
                List.of(q.values(), q.scale(), q.zero()));
            return q;
          });
    }

    private Quantized quantize(Matrix weight) {
      return new Quantized(
          graph.constant(
              OnnxGraph.ElementType.INT8,
              weight.name() + ".q",
              new Int8Columns(weight),
              weight.in(),
              weight.out()),
          graph.floats(
              weight.name() + ".scale",
              () -> Int8Columns.scales(weight.values().load(), weight.out()),
              weight.out()),
          graph.constant(
              OnnxGraph.ElementType.INT8,
              weight.name() + ".zero",
              Int8Columns.zeros(weight.out()),
              weight.out()));
    }

    @Override
    public String multiply(String x, Matrix weight) {
      Quantized left = quantize(x);
      Quantized right = quantize(weight);
      String sums =
          graph.op("MatMulInteger", left.values(), right.values(), left.zero(), right.zero());
      String scale = graph.op("Mul", left.scale(), right.scale());
      return graph.op("Mul", graph.op("Cast", List.of(sums), TO_FLOAT), scale);
    }

    @Override
    public String multiplyAdd(String x, Matrix weight, String bias) {
      return graph.op("Add", multiply(x, weight), bias);
    }

    @Override
    public String attention(
        String x, Matrix weight, String bias, int heads, String past, String present) {
      Quantized left = quantize(x);
      Quantized right = quantize(weight);
      String out = graph.fresh("attention");
      List<String> in =
          List.of(
              left.values(),
              right.values(),
              bias,
              left.scale(),
              right.scale(),
              "",
              left.zero(),
              right.zero(),
              past);
      graph.op(
          OnnxGraph.MICROSOFT,
          "QAttention",
          past.isEmpty() ? in.subList(0, in.size() - 1) : in,
          Map.of("num_heads", (long) heads, "unidirectional", 1L),
          present.isEmpty() ? List.of(out) : List.of(out, present));
      return out;
    }
  }
}
