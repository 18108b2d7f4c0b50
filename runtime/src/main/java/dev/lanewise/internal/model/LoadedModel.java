package dev.lanewise.internal.model;

import dev.lanewise.Backend;
import dev.lanewise.ContextLengthException;
import dev.lanewise.ModelOptions;
import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.WeightStorage;
import dev.lanewise.internal.model.GptWeights.Block;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Workers;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.GptTensors;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An open model: immutable weights, its tokenizer, its threads, and the buffers of the calls that
 * run. Thread-safe.
 */
public final class LoadedModel implements AutoCloseable {

  static final Cleaner CLEANER = Cleaner.create();

  private final Path folder;
  private final ModelConfig config;
  private final GptWeights weights;
  private final boolean hasOutput;
  private final @Nullable Tokenizer tokenizer;
  private final @Nullable TextEncoder textEncoder;
  private final KernelSwitch kernels;
  private final Workers workers;
  private final ForwardPool pool;
  private final Lifecycle lifecycle;

  private LoadedModel(
      Path folder,
      ModelConfig config,
      GptWeights weights,
      WeightStore<List<Block>> blocks,
      @Nullable WeightStore<Matrix> output,
      @Nullable Tokenizer tokenizer,
      KernelSwitch kernels,
      Workers workers,
      Runnable free) {
    this.folder = folder;
    this.config = config;
    this.weights = weights;
    this.hasOutput = output != null;
    this.tokenizer = tokenizer;
    this.textEncoder = tokenizer == null ? null : new TextEncoder(tokenizer, config);
    this.kernels = kernels;
    this.workers = workers;
    // What frees the memory must not reach this object, or a forgotten model would never be freed.
    ForwardPool forwards =
        new ForwardPool(() -> new Forward(config, weights, blocks, output, kernels, workers));
    this.pool = forwards;
    this.lifecycle =
        new Lifecycle(
            () -> {
              kernels.close();
              forwards.close();
              workers.close();
              blocks.close();
              if (output != null) {
                output.close();
              }
              free.run();
            });
  }

  /** As {@link #open(Path, ModelOptions, Use, int)}, for any use. */
  public static LoadedModel open(Path path, ModelOptions options, int defaultThreads)
      throws IOException {
    return open(path, options, Use.TOKENS, defaultThreads);
  }

  /**
   * Opens a folder, or a weight file with config and tokenizer beside it.
   *
   * @param use what the model will do
   * @param defaultThreads used where the options leave the number open
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena is closed with the model
  public static LoadedModel open(Path path, ModelOptions options, Use use, int defaultThreads)
      throws IOException {
    Kernels kernels = options.kernels() == null ? Kernels.get() : options.kernels();
    Path folder = Files.isDirectory(path) ? path : path.resolveSibling("");
    Checkpoint checkpoint =
        options.storage() == WeightStorage.COPIED
            ? Checkpoint.openCopying(path)
            : Checkpoint.open(path);
    Arena arena = Arena.ofShared();
    try {
      ModelConfig said = ModelConfig.read(path);
      GptTensors tensors = GptTensors.of(checkpoint, said);
      ModelConfig config = said.withVocabSize(tensors.vocabSize());
      Tokenizer tokenizer = openTokenizer(path, options.preprocessing());
      if (tokenizer != null) {
        requireSameModel(folder, tokenizer, config.vocabSize());
      }
      Workers workers = pool(options.threads() == 0 ? defaultThreads : options.threads());
      WeightLoader loader =
          new WeightLoader(checkpoint, tensors, arena, options.weights(), use, workers);
      GptWeights weights = loader.load();
      boolean packs = options.storage() != WeightStorage.MAPPED && kernels.vectorBits() > 0;
      WeightStore<List<Block>> blocks = loader.loadBlocks(packs);
      WeightStore<Matrix> output = loader.loadOutput(weights.tokens(), packs);
      Supplier<List<Matrix>> ready = () -> makeReady(weights, blocks, output);
      boolean forced = options.kernels() != null || Kernels.isForced();
      return new LoadedModel(
          folder,
          config,
          weights,
          blocks,
          output,
          tokenizer,
          forced
              ? KernelSwitch.fixed(kernels, config, !packs, loader.types(), ready)
              : KernelSwitch.warming(kernels, config, !packs, loader.types(), ready),
          workers,
          () -> {
            arena.close();
            checkpoint.close();
          });
    } catch (IOException | RuntimeException e) {
      arena.close();
      checkpoint.close();
      throw e;
    }
  }

  /** Has weights copied for the vector kernels; a matrix of each kind that these will read. */
  private static List<Matrix> makeReady(
      GptWeights weights, WeightStore<List<Block>> blocks, @Nullable WeightStore<Matrix> output) {
    Stream<Matrix> matrices = blocks.ready().stream().flatMap(Block::matrices);
    if (weights.classifier() != null) {
      matrices = Stream.concat(matrices, Stream.of(weights.classifier().weight()));
    } else if (output != null) {
      matrices = Stream.concat(matrices, Stream.of(output.ready()));
    }
    Set<List<Object>> kinds = new HashSet<>();
    return matrices.filter(matrix -> kinds.add(List.of(matrix.layout(), matrix.type()))).toList();
  }

  private static Workers pool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, found " + threads);
    }
    return threads == 1 ? Workers.sequential() : Workers.fixed(threads);
  }

  /**
   * Control tokens may lie past the embedding: people add one for padding and never resize the
   * model. No text becomes such a token, and {@link TextEncoder} refuses those of a template.
   */
  private static void requireSameModel(Path folder, Tokenizer tokenizer, int rows)
      throws IncompatibleCheckpointException {
    for (int id = rows; id < tokenizer.vocabSize(); id++) {
      if (!tokenizer.isSpecial(id)) {
        throw new IncompatibleCheckpointException(
            "%s: the tokenizer has ids up to %d, but the model's embedding has %d rows; they belong"
                    .formatted(folder, tokenizer.vocabSize() - 1, rows)
                + " to different models");
      }
    }
  }

  private static @Nullable Tokenizer openTokenizer(Path path, Preprocessing preprocessing)
      throws IOException {
    try {
      return Tokenizer.open(path, List.of(), preprocessing);
    } catch (NoSuchFileException e) {
      return null; // ids can still be classified; text is refused when it comes
    }
  }

  /**
   * A text of no tokens.
   *
   * @throws IllegalStateException if the model is closed
   */
  public KeptText newText() {
    lifecycle.enter();
    try {
      return new KeptText(this);
    } finally {
      lifecycle.exit();
    }
  }

  /**
   * Runs one call with buffers of its own.
   *
   * @throws IllegalStateException if the model is closed
   */
  void call(Consumer<Forward> call) {
    call(false, call);
  }

  /**
   * Runs one call with buffers of its own.
   *
   * @param alone whether it uses the calling thread only, because others are busy with other calls
   * @throws IllegalStateException if the model is closed
   */
  void call(boolean alone, Consumer<Forward> call) {
    lifecycle.enter();
    try {
      Forward forward = pool.take();
      boolean done = false;
      try {
        forward.alone(alone);
        call.accept(forward);
        forward.alone(false);
        done = true;
      } finally {
        if (done) {
          pool.giveBack(forward);
        } else {
          forward.close(); // what is in its buffers is not known
        }
      }
    } finally {
      lifecycle.exit();
    }
  }

  /**
   * Does something for each index below {@code count}, several at a time where there are threads;
   * calls in it should be alone.
   */
  public void forEach(int count, IntConsumer action) {
    AtomicInteger next = new AtomicInteger();
    workers.run(
        (part, parts) -> {
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            action.accept(i);
          }
        });
  }

  /**
   * Checks ids that come from the caller.
   *
   * @throws IllegalArgumentException if there are none, too many, or one is out of range
   */
  public TextInput ids(int[] ids) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("there are no ids");
    }
    if (ids.length > config.nPositions()) {
      throw new ContextLengthException(ids.length, config.nPositions());
    }
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= config.vocabSize()) {
        throw new IllegalArgumentException(
            "id %d at place %d is out of range, the vocabulary has 0 to %d"
                .formatted(ids[i], i, config.vocabSize() - 1));
      }
    }
    return new TextInput(ids.clone(), false);
  }

  /** Where the model lies. */
  public Path folder() {
    return folder;
  }

  /** The model's configuration. */
  public ModelConfig config() {
    return config;
  }

  /** Whether there is an output matrix, tied or not. */
  public boolean hasOutput() {
    return hasOutput;
  }

  GptWeights weights() {
    return weights;
  }

  /** Compiles the kernels on the caller's thread, if that was not done before. */
  public void warmUpKernels() {
    lifecycle.enter();
    try {
      kernels.warmUp();
    } finally {
      lifecycle.exit();
    }
  }

  /**
   * The tokenizer.
   *
   * @throws IllegalStateException if the folder has none
   */
  public Tokenizer tokenizer() {
    if (tokenizer == null) {
      throw noTokenizer();
    }
    return tokenizer;
  }

  /** Whether the folder has a tokenizer. */
  public boolean hasTokenizer() {
    return tokenizer != null;
  }

  @Nullable Tokenizer tokenizerOrNull() {
    return tokenizer;
  }

  /**
   * Text to ids that fit the context.
   *
   * @throws IllegalStateException if the folder has no tokenizer
   */
  public TextEncoder textEncoder() {
    if (textEncoder == null) {
      throw noTokenizer();
    }
    return textEncoder;
  }

  private IllegalStateException noTokenizer() {
    return new IllegalStateException(
        folder + ": no tokenizer.json, nor vocab.json with merges.txt; texts need one, ids do not");
  }

  /** What the model computes with. */
  public Backend backend() {
    return new Backend(
        kernels.name(), kernels.current().vectorBits(), Kernels.usesFma(), workers.threads());
  }

  /** Frees this model when {@code owner} was forgotten without closing it. */
  public void closeWhenUnreachable(Object owner) {
    CLEANER.register(owner, lifecycle::close);
  }

  /** Frees the model once running calls have ended. Idempotent. */
  @Override
  public void close() {
    lifecycle.close();
  }
}
