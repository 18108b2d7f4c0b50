package dev.lanewise.bench.peers.onnx;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.peers.StoredTensors;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/** Model folders as ONNX files beside them. */
public final class OnnxExport {

  private OnnxExport() {}

  /** How a model is written. */
  public enum Form {
    /** Standard operators, float32. */
    PLAIN(false, false),
    /** ONNX Runtime's own operators, float32. */
    FUSED(true, false),
    /** Standard operators, int8 weights, inputs quantized as they come. */
    PLAIN_INT8(false, true),
    /** ONNX Runtime's own operators, int8 weights, inputs quantized as they come. */
    FUSED_INT8(true, true);

    private final boolean fused;
    private final boolean int8;

    Form(boolean fused, boolean int8) {
      this.fused = fused;
      this.int8 = int8;
    }

    /** "F32", "int8". */
    public String weights() {
      return int8 ? "int8" : "F32";
    }

    /** "plain", "fused". */
    public String graph() {
      return fused ? "fused" : "plain";
    }

    private Products products(OnnxGraph graph) {
      return int8 ? new Products.DynamicInt8(graph) : new Products.Float32(graph);
    }
  }

  /**
   * A classifier: {@code input_ids (1, n)} to {@code logits (1, labels)}. Written if it isn't
   * there.
   *
   * @param folder that {@code RandomCheckpoint} wrote
   */
  public static Path classifier(Path folder, GptShape shape, Form form) throws IOException {
    return write(folder, shape, form, true);
  }

  /**
   * A language model with a KV cache: {@code input_ids (1, n)} and {@code past_0} ... to {@code
   * logits (1, vocabSize)} of the last token and {@code present_0} .... Written if it isn't there.
   *
   * @param folder that {@code RandomCheckpoint} wrote
   * @throws IllegalArgumentException if the form has no operator with a cache
   */
  public static Path languageModel(Path folder, GptShape shape, Form form) throws IOException {
    if (!form.fused) {
      throw new IllegalArgumentException("only the fused graphs have a cache, not " + form);
    }
    return write(folder, shape, form, false);
  }

  private static Path write(Path folder, GptShape shape, Form form, boolean classifier)
      throws IOException {
    String name = folder.getFileName() + "-" + form.name().toLowerCase(Locale.ROOT);
    Path file = folder.resolveSibling(name + ".onnx");
    if (Files.exists(file)) {
      return file;
    }
    OnnxGraph graph = new OnnxGraph(name);
    Path draft = folder.resolveSibling(name + ".draft");
    try (StoredTensors tensors = new StoredTensors(folder);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(draft), 1 << 20)) {
      GptWeights weights = new GptWeights(graph, shape, tensors);
      Products products = form.products(graph);
      if (form.fused) {
        new FusedGpt(graph, weights, products, shape, !classifier).write(classifier);
      } else {
        new PlainGpt(graph, weights, products, shape).classifier();
      }
      graph.model().writeTo(out);
    }
    return Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
