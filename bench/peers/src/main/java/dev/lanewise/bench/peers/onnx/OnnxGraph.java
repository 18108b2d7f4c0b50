package dev.lanewise.bench.peers.onnx;

import dev.lanewise.bench.peers.Content;
import dev.lanewise.bench.peers.FloatSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An ONNX graph that is being put together; values are known by name. Numbers of fields are those
 * of {@code onnx.proto}. Not thread-safe.
 */
final class OnnxGraph {

  /** Domain of ONNX Runtime's own operators. */
  static final String MICROSOFT = "com.microsoft";

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17; // the first with LayerNormalization

  /** Types of values, with their numbers. */
  enum ElementType {
    FLOAT(1),
    INT8(3),
    INT64(7);

    private final int number;

    ElementType(int number) {
      this.number = number;
    }

    /** The number in a file. */
    int number() {
      return number;
    }
  }

  private final String name;
  private final List<ProtoMessage> nodes = new ArrayList<>();
  private final List<ProtoMessage> initializers = new ArrayList<>();
  private final List<ProtoMessage> inputs = new ArrayList<>();
  private final List<ProtoMessage> outputs = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private int counter;

  OnnxGraph(String name) {
    this.name = name;
  }

  /** Adds a standard operator with one output; returns its name. */
  String op(String type, List<String> in, Map<String, Object> attributes) {
    return op("", type, in, attributes);
  }

  /** Adds a standard operator without attributes and with one output; returns its name. */
  String op(String type, String... in) {
    return op("", type, List.of(in), Map.of());
  }

  /** Adds an operator with one output; returns its name. */
  String op(String domain, String type, List<String> in, Map<String, Object> attributes) {
    String out = fresh(type);
    op(domain, type, in, attributes, List.of(out));
    return out;
  }

  /**
   * Adds an operator.
   *
   * @param in names, "" for an optional input that is left out
   * @param attributes each a Long, Float or long[]
   * @param out names, "" for an output that is not used
   */
  void op(
      String domain,
      String type,
      List<String> in,
      Map<String, Object> attributes,
      List<String> out) {
    ProtoMessage node = new ProtoMessage();
    in.forEach(value -> node.text(1, value));
    out.forEach(value -> node.text(2, value));
    node.text(3, type + "_" + nodes.size()).text(4, type);
    attributes.entrySet().stream()
        .sorted(Map.Entry.comparingByKey()) // the same file each time
        .forEach(entry -> node.content(5, attribute(entry.getKey(), entry.getValue())));
    if (!domain.isEmpty()) {
      node.text(7, domain);
    }
    nodes.add(node);
  }

  private static ProtoMessage attribute(String name, Object value) {
    ProtoMessage attribute = new ProtoMessage().text(1, name);
    return switch (value) {
      case Float real -> attribute.real(2, real).integer(20, 1);
      case Long integer -> attribute.integer(3, integer).integer(20, 2);
      case long[] integers -> {
        Arrays.stream(integers).forEach(integer -> attribute.integer(8, integer));
        yield attribute.integer(20, 7);
      }
      default -> throw new IllegalArgumentException(name + " is a " + value.getClass());
    };
  }

  /** A name that nothing has yet. */
  String fresh(String prefix) {
    return prefix + "." + counter++;
  }

  /** Adds a constant of floats, unless one of this name is there; returns its name. */
  String floats(String constant, FloatSource values, long... shape) {
    long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return constant(ElementType.FLOAT, constant, Content.floats(count, values), shape);
  }

  /** Adds a scalar; returns its name. */
  String scalar(String constant, float value) {
    return floats(constant, () -> new float[] {value});
  }

  /** Adds a scalar; returns its name. */
  String scalar(String constant, long value) {
    return constant(ElementType.INT64, constant, content(value));
  }

  /** Adds a vector; returns its name. */
  String vector(String constant, long... values) {
    return constant(ElementType.INT64, constant, content(values), values.length);
  }

  /** Adds a constant of any type, unless one of this name is there; returns its name. */
  String constant(ElementType type, String constant, Content raw, long... shape) {
    if (names.add(constant)) {
      ProtoMessage tensor = new ProtoMessage();
      Arrays.stream(shape).forEach(size -> tensor.integer(1, size));
      initializers.add(tensor.integer(2, type.number()).text(8, constant).content(9, raw));
    }
    return constant;
  }

  private static Content content(long... values) {
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES * values.length);
    buffer.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    return Content.of(buffer.array());
  }

  /** Declares an input. Sizes are Longs, or names of sizes that vary. */
  void input(String value, ElementType type, Object... shape) {
    inputs.add(declaration(value, type, shape));
  }

  /** Declares an output; as {@link #input}. */
  void output(String value, ElementType type, Object... shape) {
    outputs.add(declaration(value, type, shape));
  }

  private static ProtoMessage declaration(String value, ElementType type, Object... shape) {
    ProtoMessage sizes = new ProtoMessage();
    for (Object size : shape) {
      ProtoMessage dimension = new ProtoMessage();
      sizes.content(
          1,
          size instanceof Long number
              ? dimension.integer(1, number)
              : dimension.text(2, size.toString()));
    }
    ProtoMessage tensor = new ProtoMessage().integer(1, type.number()).content(2, sizes);
    return new ProtoMessage().text(1, value).content(2, new ProtoMessage().content(1, tensor));
  }

  /** The whole file. */
  ProtoMessage model() {
    ProtoMessage graph = new ProtoMessage();
    nodes.forEach(node -> graph.content(1, node));
    graph.text(2, name);
    initializers.forEach(tensor -> graph.content(5, tensor));
    inputs.forEach(value -> graph.content(11, value));
    outputs.forEach(value -> graph.content(12, value));
    return new ProtoMessage()
        .integer(1, IR_VERSION)
        .text(2, "lanewise-bench")
        .content(7, graph)
        .content(8, new ProtoMessage().text(1, "").integer(2, OPSET))
        .content(8, new ProtoMessage().text(1, MICROSOFT).integer(2, 1));
  }
}
