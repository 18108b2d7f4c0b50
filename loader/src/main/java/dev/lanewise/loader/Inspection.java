package dev.lanewise.loader;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint holds and what is wrong with it, found without loading the weights.
 *
 * @param format "safetensors", or "" if the weights could not be opened
 * @param description which files were taken, and why if there was a choice
 * @param files that hold tensors
 * @param config empty if it could not be read
 * @param tensors in the order in which they are listed
 * @param metadata of the format
 * @param parameters stored floats, attention masks apart
 * @param bytes of all tensors
 * @param problems each a sentence; empty if the model can be loaded
 * @param remarks what is unusual but no obstacle: unused tensors, missing class names
 */
public record Inspection(
    String format,
    String description,
    List<Path> files,
    Optional<ModelConfig> config,
    List<TensorInfo> tensors,
    Map<String, String> metadata,
    long parameters,
    long bytes,
    List<String> problems,
    List<String> remarks) {

  private static final int UNUSED_NAMED = 5;

  /** Copies the lists. */
  public Inspection {
    files = List.copyOf(files);
    tensors = List.copyOf(tensors);
    metadata = Map.copyOf(metadata);
    problems = List.copyOf(problems);
    remarks = List.copyOf(remarks);
  }

  /**
   * Inspects a folder or a file.
   *
   * @throws NoSuchFileException if there is nothing at {@code path}
   */
  public static Inspection of(Path path) throws IOException {
    if (Files.notExists(path)) {
      throw new NoSuchFileException(path.toString(), null, "no such file or folder");
    }
    List<String> problems = new ArrayList<>();
    Optional<ModelConfig> config = Optional.empty();
    try {
      config = Optional.of(ModelConfig.read(path));
    } catch (IOException e) {
      problems.add(sentence(e));
    }
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      List<String> remarks = new ArrayList<>();
      if (config.isPresent()) {
        compare(checkpoint, config.get(), problems, remarks);
      }
      return new Inspection(
          checkpoint.format(),
          checkpoint.description(),
          checkpoint.files(),
          config,
          List.copyOf(checkpoint.tensors().values()),
          checkpoint.metadata(),
          parameters(checkpoint),
          checkpoint.tensors().values().stream().mapToLong(TensorInfo::bytes).sum(),
          problems,
          remarks);
    } catch (IOException e) {
      problems.add(sentence(e));
      return new Inspection(
          "", "", List.of(), config, List.of(), Map.of(), 0, 0, problems, List.of());
    }
  }

  private static void compare(
      Checkpoint checkpoint, ModelConfig config, List<String> problems, List<String> remarks) {
    GptTensors tensors;
    try {
      tensors = GptTensors.of(checkpoint, config);
    } catch (IOException e) {
      problems.add(sentence(e));
      return;
    }
    List<String> unused = tensors.unused();
    for (String name : unused.subList(0, Math.min(unused.size(), UNUSED_NAMED))) {
      remarks.add("tensor " + Quoted.of(name) + " is not used");
    }
    if (unused.size() > UNUSED_NAMED) {
      remarks.add((unused.size() - UNUSED_NAMED) + " more tensors are not used");
    }
    if (tensors.classifier().isPresent() && config.labels().isEmpty()) {
      remarks.add("the config names no classes ('id2label'); they are called LABEL_0, LABEL_1 ...");
    }
  }

  private static long parameters(Checkpoint checkpoint) {
    return checkpoint.tensors().values().stream()
        .filter(tensor -> Widening.supports(tensor.dtype()) && !TensorNames.isMask(tensor.name()))
        .mapToLong(TensorInfo::elements)
        .sum();
  }

  /** The system's exceptions tell the file only. */
  private static String sentence(IOException e) {
    boolean bare = e instanceof FileSystemException system && system.getReason() == null;
    return bare
        ? e.getClass().getSimpleName() + ": " + e.getMessage()
        : String.valueOf(e.getMessage());
  }
}
