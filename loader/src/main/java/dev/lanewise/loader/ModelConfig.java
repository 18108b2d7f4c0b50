package dev.lanewise.loader;

import dev.lanewise.kernels.Activation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code config.json} or a GGUF file says of a model, in the terms of both architectures. Keys
 * that are absent have the reference's defaults for the architecture.
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
 * @param numLabels the number of labels, else as configured, else 2 (the reference's default)
 * @param problemType how a classification head's outputs are read; where the config doesn't say, as
 *     the reference's pipeline does: one output as a sigmoid, several as a softmax
 * @param bosTokenId start of text, if any
 * @param eosTokenIds ends of text, each of them one; empty if there is none
 * @param padTokenId padding, if any
 * @param modelClass the class the config names ("GPT2ForSequenceClassification"), or ""
 * @param json the whole document, for keys that are not above
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
    List<Integer> eosTokenIds,
    OptionalInt padTokenId,
    String modelClass,
    JsonObject json) {

  /** Name of the file in a model's folder. */
  public static final String FILE_NAME = "config.json";

  /** Larger than any configuration, in bytes: 4 MiB. */
  private static final long MAX_BYTES = 4L << 20;

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

  /** Copies the lists. */
  public ModelConfig {
    labels = List.copyOf(labels);
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /**
   * Reads {@code config.json}, else {@code hparams.json} of the original GPT-2 release; or the
   * metadata where the weights are a GGUF file, or the shapes where they are the arrays of the 2018
   * release.
   *
   * @param path the folder of a model, or a file in it (the weights or {@code config.json} itself)
   * @throws java.nio.file.NoSuchFileException if there is none
   * @throws MalformedCheckpointException if it is not JSON, or a key has a wrong type or value
   * @throws UnsupportedCheckpointException if the architecture or one of its settings is unknown
   */
  public static ModelConfig read(Path path) throws IOException {
    return parse(document(path));
  }

  /** The config itself, or what a GGUF file's metadata says in its terms. */
  static JsonObject document(Path path) throws IOException {
    if (!isConfig(path) && CheckpointFiles.isOriginalRelease(path)) {
      return OriginalRelease.document(
          Files.isDirectory(path) ? path : CheckpointFiles.folderOf(path));
    }
    Optional<Path> gguf = isConfig(path) ? Optional.empty() : CheckpointFiles.gguf(path);
    return gguf.isPresent()
        ? GgufConfig.json(GgufShards.of(gguf.get()))
        : Hyperparameters.translated(Json.read(fileAt(path), MAX_BYTES).asObject());
  }

  private static boolean isConfig(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.endsWith(".json")
        && !name.endsWith(".index.json")
        && !name.equals(OriginalRelease.SHAPES)
        && Files.isRegularFile(path);
  }

  private static Path fileAt(Path path) throws NoSuchFileException {
    if (isConfig(path)) {
      return path;
    }
    if (Files.notExists(path) && !TensorFlowFiles.isPrefix(path)) {
      throw new NoSuchFileException(path.toString(), null, "no such file or folder");
    }
    Path folder = Files.isDirectory(path) ? path : CheckpointFiles.folderOf(path);
    Path file = folder.resolve(FILE_NAME);
    if (Files.notExists(file)) {
      Path original = folder.resolve(Hyperparameters.FILE_NAME);
      if (Files.exists(original)) {
        return original;
      }
      throw new NoSuchFileException(
          file.toString(), null, "no " + FILE_NAME + " in the folder of the model");
    }
    return file;
  }

  /**
   * Interprets a configuration.
   *
   * @throws MalformedCheckpointException if a key has a wrong type or value
   * @throws UnsupportedCheckpointException if the architecture or one of its settings is unknown
   */
  public static ModelConfig parse(JsonValue config) throws IOException {
    return new ConfigReader(config.asObject()).read();
  }

  /** This configuration for an embedding of other length. */
  public ModelConfig withVocabSize(int rows) {
    return new ModelConfig(
        architecture,
        rows,
        nPositions,
        nEmbd,
        nLayer,
        nHead,
        nInner,
        activation,
        layerNormEpsilon,
        scaleAttnWeights,
        scaleAttnByInverseLayerIdx,
        tieWordEmbeddings,
        labels,
        numLabels,
        problemType,
        bosTokenId,
        eosTokenIds,
        padTokenId,
        modelClass,
        json);
  }

  /** Components of one attention head. */
  public int headSize() {
    return nEmbd / nHead;
  }

  /**
   * What the scores of a block are multiplied by.
   *
   * @param layer 0 to {@code nLayer - 1}
   */
  public float attentionScale(int layer) {
    double scale = scaleAttnWeights ? 1 / Math.sqrt(headSize()) : 1;
    return (float) (scaleAttnByInverseLayerIdx ? scale / (layer + 1) : scale);
  }

  /** The first of {@link #eosTokenIds}. */
  public OptionalInt eosTokenId() {
    return eosTokenIds.isEmpty() ? OptionalInt.empty() : OptionalInt.of(eosTokenIds.getFirst());
  }

  /** Whether the config says how many classes there are, so that {@code numLabels} is no guess. */
  public boolean saysNumLabels() {
    return !labels.isEmpty() || json.find("num_labels").isPresent();
  }
}
