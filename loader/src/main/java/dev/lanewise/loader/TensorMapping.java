package dev.lanewise.loader;

import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.loader.GptTensors.Block;
import dev.lanewise.loader.GptTensors.Head;
import dev.lanewise.loader.GptTensors.Linear;
import dev.lanewise.loader.GptTensors.Norm;
import dev.lanewise.loader.ModelConfig.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds each tensor of a {@link GptTensors} and checks its shape; all that are missing are named.
 * Of several problems the first is thrown, and the others are suppressed exceptions of it.
 */
final class TensorMapping {

  private static final int MISSING_NAMED = 5;
  private static final String LM_HEAD = "lm_head.weight";
  private static final String TOKENS_1 = "tokens_embed.weight";
  private static final String TOKENS_2 = "wte.weight";

  private final Checkpoint checkpoint;
  private final ModelConfig config;
  private final TensorNames names;
  private final Set<String> used = new HashSet<>();
  private final List<String> missing = new ArrayList<>();
  private final List<IOException> broken = new ArrayList<>();

  TensorMapping(Checkpoint checkpoint, ModelConfig config) throws IncompatibleCheckpointException {
    this.checkpoint = checkpoint;
    this.config = config;
    this.names = new TensorNames(checkpoint);
  }

  GptTensors map() throws IOException {
    boolean gpt2 = config.architecture() == Architecture.GPT2;
    long c = config.nEmbd();
    long v = vocabSize(gpt2 ? TOKENS_2 : TOKENS_1);
    @Nullable TensorInfo stored = find(LM_HEAD, v, c);
    @Nullable TensorInfo tokens = tokenEmbedding(gpt2 ? TOKENS_2 : TOKENS_1, stored, v);
    @Nullable TensorInfo positions =
        require(gpt2 ? "wpe.weight" : "positions_embed.weight", config.nPositions(), c);
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < config.nLayer(); layer++) {
      @Nullable Block block = block("h." + layer + ".");
      if (block != null) {
        blocks.add(block);
      }
    }
    @Nullable Norm finalNorm = gpt2 ? norm("ln_f") : null;
    if (stored == null && !config.tieWordEmbeddings() && hasLanguageModelHead()) {
      missing.add(names.stored(LM_HEAD));
    }
    Optional<Head> classifier =
        head("score", labels(), ClassifierConfig.of(config).pooling().width(config.nEmbd()));
    Optional<Head> choiceHead = head("multiple_choice_head.summary", 1, c);
    if (!missing.isEmpty()) {
      broken.add(new IncompatibleCheckpointException(missingSentence()));
    }
    if (!broken.isEmpty() || tokens == null || positions == null) {
      IOException first = broken.removeFirst();
      broken.forEach(first::addSuppressed);
      throw first;
    }
    @Nullable TensorInfo output =
        stored != null ? stored : config.tieWordEmbeddings() ? tokens : null;
    return new GptTensors(
        tokens,
        positions,
        blocks,
        Optional.ofNullable(finalNorm),
        Optional.ofNullable(output),
        classifier,
        choiceHead,
        unused());
  }

  private boolean hasLanguageModelHead() {
    return config.modelClass().endsWith("LMHeadModel")
        || config.modelClass().endsWith("DoubleHeadsModel");
  }

  /**
   * As many as the embedding has rows: one that was resized for more tokens, or padded, often
   * stands beside a config that was not changed.
   */
  private long vocabSize(String name) {
    @Nullable TensorInfo matrix = names.tensors().get(name);
    if (matrix == null) {
      matrix = names.tensors().get(LM_HEAD);
    }
    if (matrix == null || matrix.shape().size() != 2) {
      return config.vocabSize();
    }
    long rows = matrix.shape().getFirst();
    return rows >= 1 && rows <= ConfigReader.MAX_VOCAB ? rows : config.vocabSize();
  }

  /** Some checkpoints keep of two tied matrices the head only. */
  private @Nullable TensorInfo tokenEmbedding(String name, @Nullable TensorInfo head, long rows) {
    if (head != null && config.tieWordEmbeddings() && !names.tensors().containsKey(name)) {
      return head;
    }
    return require(name, rows, config.nEmbd());
  }

  private @Nullable Block block(String prefix) {
    long c = config.nEmbd();
    long inner = config.nInner();
    @Nullable Norm norm1 = norm(prefix + "ln_1");
    @Nullable Linear attention = linear(prefix + "attn.c_attn", c, 3 * c);
    @Nullable Linear projection = linear(prefix + "attn.c_proj", c, c);
    @Nullable Norm norm2 = norm(prefix + "ln_2");
    @Nullable Linear fc = linear(prefix + "mlp.c_fc", c, inner);
    @Nullable Linear outer = linear(prefix + "mlp.c_proj", inner, c);
    if (norm1 == null
        || attention == null
        || projection == null
        || norm2 == null
        || fc == null
        || outer == null) {
      return null;
    }
    return new Block(norm1, attention, projection, norm2, fc, outer);
  }

  private @Nullable Norm norm(String name) {
    @Nullable TensorInfo weight = require(name + ".weight", config.nEmbd());
    @Nullable TensorInfo bias = require(name + ".bias", config.nEmbd());
    return weight == null || bias == null ? null : new Norm(weight, bias);
  }

  private @Nullable Linear linear(String name, long in, long out) {
    Layout layout = layout(name + ".weight");
    long outer = layout == Layout.IN_OUT ? in : out;
    long inner = layout == Layout.IN_OUT ? out : in;
    @Nullable TensorInfo weight = require(name + ".weight", outer, inner);
    @Nullable TensorInfo bias = require(name + ".bias", out);
    return weight == null || bias == null ? null : new Linear(weight, bias, layout);
  }

  /** Blocks are of one output, so what has them is (out, in) in any format. */
  private Layout layout(String name) {
    @Nullable TensorInfo tensor = names.tensors().get(name);
    return tensor != null && QuantizedEntry.holds(tensor.dtype()) ? Layout.OUT_IN : names.layout();
  }

  private Optional<Head> head(String name, long out, long in) {
    @Nullable TensorInfo weight = find(name + ".weight", out, in);
    if (weight == null) {
      boolean classifies =
          name.equals("score") && config.modelClass().endsWith("SequenceClassification");
      if (classifies || names.tensors().containsKey(name + ".bias")) {
        missing.add(names.stored(name + ".weight"));
      }
      return Optional.empty();
    }
    @Nullable TensorInfo bias = find(name + ".bias", out);
    return Optional.of(new Head(weight, Optional.ofNullable(bias)));
  }

  /** As the config says, or as the head has rows where it doesn't. */
  private long labels() {
    @Nullable TensorInfo score = names.tensors().get("score.weight");
    if (!config.saysNumLabels() && score != null && score.shape().size() == 2) {
      return score.shape().get(0);
    }
    return config.numLabels();
  }

  private @Nullable TensorInfo require(String name, long... shape) {
    @Nullable TensorInfo tensor = find(name, shape);
    if (tensor == null) {
      missing.add(names.stored(name));
    }
    return tensor;
  }

  private @Nullable TensorInfo find(String name, long... shape) {
    @Nullable TensorInfo tensor = names.tensors().get(name);
    if (tensor == null) {
      return null;
    }
    used.add(name);
    List<Long> expected = Arrays.stream(shape).boxed().toList();
    if (!tensor.shape().equals(expected) && !tensor.shape().equals(withOne(expected))) {
      broken.add(
          new IncompatibleCheckpointException(
              tensor.place() + " has shape " + tensor.shape() + ", expected " + expected));
    }
    if (!Widening.supports(tensor.dtype())) {
      broken.add(
          new UnsupportedCheckpointException(
              tensor.place()
                  + " holds "
                  + tensor.dtype()
                  + ", expected one of "
                  + Widening.SUPPORTED));
    }
    return tensor;
  }

  /** The original releases store a matrix as a convolution of width 1: [1, in, out]. */
  private List<Long> withOne(List<Long> shape) {
    if (!names.isOriginal() || shape.size() != 2) {
      return shape;
    }
    return List.of(1L, shape.get(0), shape.get(1));
  }

  private String missingSentence() {
    String named =
        missing.stream().limit(MISSING_NAMED).map(Quoted::of).collect(Collectors.joining(", "));
    int more = missing.size() - MISSING_NAMED;
    return place()
        + (missing.size() == 1 ? ": tensor " : ": tensors ")
        + named
        + (more > 0 ? " and " + more + " more" : "")
        + (missing.size() == 1 ? " is missing" : " are missing");
  }

  private String place() {
    List<Path> files = checkpoint.files();
    return String.valueOf(files.size() == 1 ? files.getFirst().getFileName() : checkpoint.folder());
  }

  private List<String> unused() {
    return names.tensors().entrySet().stream()
        .filter(entry -> !used.contains(entry.getKey()))
        .map(entry -> entry.getValue().name())
        .toList();
  }
}
