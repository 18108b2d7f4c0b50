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
 * @param architecture as the config calls it, supported or not; "" if there is no config
 * @param json the config, or what a GGUF file says in its terms; empty if there is none
 * @param config empty if it could not be read or is not supported
 * @param tensors in the order in which they are listed
 * @param metadata of the format
 * @param parameters stored floats, attention masks apart
 * @param bytes of all tensors
 * @param vocabSize rows of the token embedding, 0 if the model does not fit together
 * @param problems each a sentence; empty if the model can be loaded
 * @param remarks what is unusual but no obstacle: unused tensors, missing class names
 */
public record Inspection(
    String format,
    String description,
    List<Path> files,
    String architecture,
    Optional<JsonObject> json,
    Optional<ModelConfig> config,
    List<TensorInfo> tensors,
    Map<String, String> metadata,
    long parameters,
    long bytes,
    int vocabSize,
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
    if (Files.notExists(path) && !TensorFlowFiles.isPrefix(path)) {
      throw new NoSuchFileException(path.toString(), null, "no such file or folder");
    }
    List<String> problems = new ArrayList<>();
    Optional<JsonObject> json = Optional.empty();
    Optional<ModelConfig> config = Optional.empty();
    String architecture = "";
    try {
      JsonObject document = ModelConfig.document(path);
      json = Optional.of(document);
      architecture = architecture(document);
      ModelConfig read = ModelConfig.parse(document);
      config = Optional.of(read);
      architecture = name(read.architecture());
    } catch (IOException e) {
      problems.add(sentence(e));
    }
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      List<String> remarks = new ArrayList<>();
      int vocabSize = config.isPresent() ? compare(checkpoint, config.get(), problems, remarks) : 0;
      return new Inspection(
          checkpoint.format(),
          checkpoint.description(),
          checkpoint.files(),
          architecture,
          json,
          config,
          List.copyOf(checkpoint.tensors().values()),
          checkpoint.metadata(),
          parameters(checkpoint),
          checkpoint.tensors().values().stream().mapToLong(TensorInfo::bytes).sum(),
          vocabSize,
          problems,
          remarks);
    } catch (IOException e) {
      problems.add(sentence(e));
      return new Inspection(
          "",
          "",
          List.of(),
          architecture,
          json,
          config,
          List.of(),
          Map.of(),
          0,
          0,
          0,
          problems,
          List.of());
    }
  }

  /** Returns the rows of the embedding. */
  private static int compare(
      Checkpoint checkpoint, ModelConfig config, List<String> problems, List<String> remarks) {
    GptTensors tensors;
    try {
      tensors = GptTensors.of(checkpoint, config);
    } catch (IOException e) {
      problems.add(sentence(e));
      for (Throwable further : e.getSuppressed()) {
        problems.add(String.valueOf(further.getMessage()));
      }
      return 0;
    }
    if (tensors.vocabSize() != config.vocabSize()) {
      remarks.add(
          "the token embedding has "
              + tensors.vocabSize()
              + " rows, which count, though 'vocab_size' is "
              + config.vocabSize());
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
    return tensors.vocabSize();
  }

  private static String architecture(JsonObject config) {
    JsonValue type = config.get("model_type");
    try {
      return type == null ? "" : type.asString();
    } catch (MalformedCheckpointException e) {
      return ""; // the config is refused for it
    }
  }

  private static String name(ModelConfig.Architecture architecture) {
    return switch (architecture) {
      case OPENAI_GPT -> "openai-gpt";
      case GPT2 -> "gpt2";
    };
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
