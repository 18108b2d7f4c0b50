package dev.lanewise;

import dev.lanewise.internal.model.NewFolder;
import dev.lanewise.internal.model.TensorRounding;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.GptTensors;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.SafetensorsWriter;
import dev.lanewise.loader.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes a model folder with smaller matrices: {@code model.safetensors}, and what else the folder
 * has, its weights apart. Such a folder opens like any other, and its answers are those that {@link
 * ModelOptions#withWeights} gives. Not thread-safe.
 */
public final class Quantizer {

  /** Matrices that are rounded together: of a block, or the embedding with the output matrix. */
  public record Group(String name, Set<String> tensors) {

    /** Copies the names. */
    public Group {
      tensors = Set.copyOf(tensors);
    }
  }

  private final Path source;

  /**
   * Reads from a folder.
   *
   * @param source with config.json beside the weights
   */
  public Quantizer(Path source) {
    this.source = source;
  }

  /** Whether the model has a classification head. */
  public boolean isClassifier() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      return GptTensors.of(checkpoint, ModelConfig.read(source)).classifier().isPresent();
    }
  }

  /** The groups of matrices, the embedding first. */
  public List<Group> groups() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      return groups(GptTensors.of(checkpoint, ModelConfig.read(source)));
    }
  }

  private static List<Group> groups(GptTensors tensors) {
    List<Group> groups = new ArrayList<>();
    groups.add(
        new Group(
            "embedding",
            Set.copyOf(
                Stream.concat(Stream.of(tensors.tokenEmbedding()), tensors.output().stream())
                    .map(TensorInfo::name)
                    .toList())));
    for (int i = 0; i < tensors.blocks().size(); i++) {
      groups.add(
          new Group(
              "block " + i,
              Set.copyOf(linears(tensors, i).map(linear -> linear.weight().name()).toList())));
    }
    return groups;
  }

  private static Stream<GptTensors.Linear> linears(GptTensors tensors, int i) {
    GptTensors.Block block = tensors.blocks().get(i);
    return Stream.of(block.attention(), block.projection(), block.inner(), block.outer());
  }

  /**
   * Writes a folder beside its final place, to be moved there by {@link #publish}.
   *
   * @param target must not exist; a folder beside it is written
   * @param type any but STORED
   * @param in16Bits names of groups whose matrices are F16 instead
   * @param metadata of the file
   * @return the folder that was written
   */
  public Path write(
      Path target, WeightType type, Set<String> in16Bits, Map<String, String> metadata)
      throws IOException {
    return NewFolder.writeBeside(
        source,
        target,
        folder -> {
          writeWeights(folder.resolve("model.safetensors"), type, in16Bits, metadata);
          copyOthers(folder);
        });
  }

  /** Moves what {@link #write} wrote to its place, at once. */
  public static void publish(Path written, Path target) throws IOException {
    NewFolder.publish(written, target);
  }

  /** Deletes what {@link #write} wrote. */
  public static void delete(Path written) throws IOException {
    NewFolder.delete(written);
  }

  private void writeWeights(
      Path file, WeightType type, Set<String> in16Bits, Map<String, String> metadata)
      throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      GptTensors tensors = GptTensors.of(checkpoint, ModelConfig.read(source));
      Map<String, DType> types = new HashMap<>();
      for (Group group : groups(tensors)) {
        WeightType of = in16Bits.contains(group.name()) ? WeightType.F16 : type;
        group.tensors().forEach(name -> types.put(name, of.dtype()));
      }
      Map<String, Layout> layouts = new HashMap<>();
      for (int i = 0; i < tensors.blocks().size(); i++) {
        linears(tensors, i).forEach(linear -> layouts.put(linear.weight().name(), linear.layout()));
      }
      List<SafetensorsWriter.Tensor> out = new ArrayList<>();
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        out.add(
            TensorRounding.of(
                checkpoint,
                tensor,
                layouts.getOrDefault(tensor.name(), Layout.OUT_IN),
                types.getOrDefault(tensor.name(), tensor.dtype())));
      }
      SafetensorsWriter.write(file, out, metadata);
    }
  }

  /** Config, tokenizer, licence and what else is text. */
  private void copyOthers(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean text = name.matches(".*\\.(json|txt|md|tsv)|licen[cs]e.*|notice.*|copying.*");
        if (text && !name.endsWith(".index.json")) {
          Files.copy(file, folder.resolve(file.getFileName().toString()));
        }
      }
    }
  }
}
