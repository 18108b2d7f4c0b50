package dev.lanewise.internal.model;

import dev.lanewise.WeightType;
import dev.lanewise.internal.model.GptWeights.Block;
import dev.lanewise.internal.model.GptWeights.Head;
import dev.lanewise.internal.model.GptWeights.Linear;
import dev.lanewise.internal.model.GptWeights.Norm;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.kernels.Workers;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.GptTensors;
import dev.lanewise.loader.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns tensors into weights. Float32 tensors stay where they are mapped; matrices of the blocks
 * that will be packed get mappings of their own, so that they can be let go. Matrices of small
 * types are put into the model's memory at once, what no kernel reads as it is is widened into it.
 */
final class WeightLoader {

  /** A cache line, and the widest vector. */
  private static final long ALIGNMENT = 64;

  private final Checkpoint checkpoint;
  private final GptTensors tensors;
  private final Arena arena;
  private final WeightType type;
  private final Use use;
  private final SmallLoader small;
  private final Set<DType> types = EnumSet.noneOf(DType.class);

  /**
   * Loads from these tensors.
   *
   * @param arena of the model, for what is mapped, widened or rounded
   * @param type of the matrices
   * @param use what the model will do
   */
  WeightLoader(
      Checkpoint checkpoint,
      GptTensors tensors,
      Arena arena,
      WeightType type,
      Use use,
      Workers workers) {
    this.checkpoint = checkpoint;
    this.tensors = tensors;
    this.arena = arena;
    this.type = type;
    this.use = use;
    this.small = new SmallLoader(checkpoint, arena, workers);
  }

  /**
   * The decoder blocks.
   *
   * @param packs whether their matrices will be packed
   */
  @SuppressWarnings("MustBeClosedChecker") // closed with the blocks
  WeightStore<List<Block>> loadBlocks(boolean packs) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      return new WeightStore<>(loadBlocks(packs, arena), arena, packs, WeightPacking::blocks);
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private List<Block> loadBlocks(boolean packs, Arena arena) throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (GptTensors.Block block : tensors.blocks()) {
      blocks.add(
          new Block(
              norm(block.norm1()),
              linear(block.attention(), packs, arena),
              linear(block.projection(), packs, arena),
              norm(block.norm2()),
              linear(block.inner(), packs, arena),
              linear(block.outer(), packs, arena)));
    }
    return blocks;
  }

  /**
   * The output matrix {@code (vocab, nEmbd)}, the token embedding where tied, or null where there
   * is none or the model's use has no need of it.
   *
   * @param tokens the token embedding as it was loaded
   * @param packs whether it will be copied if it is mapped
   */
  @SuppressWarnings("MustBeClosedChecker") // closed with the matrix
  @Nullable WeightStore<Matrix> loadOutput(TokenEmbedding tokens, boolean packs)
      throws IOException {
    if (use == Use.STATES || (!tensors.isTied() && tensors.output().isEmpty())) {
      return null;
    }
    TensorInfo tensor = tensors.isTied() ? tensors.tokenEmbedding() : tensors.output().get();
    Arena arena = Arena.ofShared();
    try {
      boolean copies =
          packs && typeOf(tensor, Layout.OUT_IN) == DType.F32 && tensor.dtype() == DType.F32;
      Matrix output =
          copies
              ? matrix(tensor, mapped(tensor, arena), Layout.OUT_IN)
              : tensors.isTied() && tokens.matrix() != null ? tokens.matrix() : table(tensor);
      return new WeightStore<>(output, arena, copies, WeightPacking::output);
    } catch (IOException | RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** All other weights. */
  GptWeights load() throws IOException {
    TokenEmbedding tokens = embedding(tensors.tokenEmbedding());
    @Nullable Norm finalNorm = null;
    if (tensors.finalNorm().isPresent()) {
      finalNorm = norm(tensors.finalNorm().get());
    }
    return new GptWeights(
        tokens,
        matrix(tensors.positionEmbedding(), Layout.OUT_IN),
        finalNorm,
        head(tensors.classifier()),
        head(tensors.choiceHead()));
  }

  private @Nullable Head head(Optional<GptTensors.Head> stored) throws IOException {
    if (stored.isEmpty()) {
      return null;
    }
    GptTensors.Head head = stored.get();
    return new Head(
        matrix(head.weight(), vector(head.weight()), Layout.OUT_IN),
        head.bias().isPresent() ? vector(head.bias().get()) : null);
  }

  private Norm norm(GptTensors.Norm norm) throws IOException {
    return new Norm(vector(norm.weight()), vector(norm.bias()));
  }

  private Linear linear(GptTensors.Linear linear, boolean packs, Arena arena) throws IOException {
    TensorInfo tensor = linear.weight();
    DType wanted = typeOf(tensor, linear.layout());
    Matrix weight =
        wanted != DType.F32
            ? small.load(tensor, linear.layout(), wanted)
            : linear.layout() != Layout.IN_OUT
                ? transposed(tensor, arena)
                : matrix(tensor, packs ? mapped(tensor, arena) : floats(tensor), Layout.IN_OUT);
    return new Linear(weight, vector(linear.bias()));
  }

  /** Of a small type that the file has, and no output matrix, it stays mapped. */
  private TokenEmbedding embedding(TensorInfo tensor) throws IOException {
    DType wanted = typeOf(tensor, Layout.OUT_IN);
    if (use != Use.STATES || wanted == DType.F32 || wanted != tensor.dtype()) {
      return TokenEmbedding.of(table(tensor));
    }
    int width = SmallLoader.in(tensor, Layout.OUT_IN);
    return TokenEmbedding.ofStored(checkpoint.map(tensor, arena), wanted, width);
  }

  /** The embedding or the output matrix, {@code (vocab, nEmbd)}. */
  private Matrix table(TensorInfo tensor) throws IOException {
    DType wanted = typeOf(tensor, Layout.OUT_IN);
    return wanted == DType.F32
        ? matrix(tensor, Layout.OUT_IN)
        : small.load(tensor, Layout.OUT_IN, wanted);
  }

  private DType typeOf(TensorInfo tensor, Layout layout) {
    DType of = type.of(tensor.dtype(), SmallLoader.in(tensor, layout));
    types.add(of);
    return of;
  }

  /** Types of all matrices that were loaded. */
  Set<DType> types() {
    return Set.copyOf(types);
  }

  /** Turned to (in, out), so that a model has the same bits whichever format it comes in. */
  private Matrix transposed(TensorInfo tensor, Arena arena) throws IOException {
    int out = Math.toIntExact(tensor.shape().get(0));
    int in = Math.toIntExact(tensor.shape().get(1));
    try (Arena temporary = Arena.ofConfined()) {
      Floats stored = checkpoint.floats(tensor, temporary);
      MemorySegment turned = arena.allocate((long) in * out * Float.BYTES, ALIGNMENT);
      Transpose.turn(stored.segment(), stored.offset(), out, in, turned);
      return new Matrix(turned, 0, in, out, Layout.IN_OUT);
    }
  }

  /** What will be let go once it is copied: mapped by itself, or widened. */
  private Floats mapped(TensorInfo tensor, Arena arena) throws IOException {
    return tensor.dtype() == DType.F32
        ? new Floats(checkpoint.map(tensor, arena), 0, Math.toIntExact(tensor.elements()))
        : checkpoint.floats(tensor, arena);
  }

  private Matrix matrix(TensorInfo tensor, Layout layout) throws IOException {
    return matrix(tensor, floats(tensor), layout);
  }

  private static Matrix matrix(TensorInfo tensor, Floats floats, Layout layout) {
    // The last two: original releases have a 1 before them.
    int outer = Math.toIntExact(tensor.shape().get(tensor.shape().size() - 2));
    int inner = Math.toIntExact(tensor.shape().getLast());
    return layout == Layout.IN_OUT
        ? new Matrix(floats.segment(), floats.offset(), outer, inner, layout)
        : new Matrix(floats.segment(), floats.offset(), inner, outer, layout);
  }

  private Floats floats(TensorInfo tensor) throws IOException {
    return checkpoint.floats(tensor, arena);
  }

  /**
   * A small tensor, always copied: so no mapped memory reaches the vector kernels, see {@link
   * WeightPacking#output}.
   */
  private Floats vector(TensorInfo tensor) throws IOException {
    Floats source = floats(tensor);
    MemorySegment copy = arena.allocate((long) source.length() * Float.BYTES, ALIGNMENT);
    MemorySegment.copy(source.segment(), source.offset(), copy, 0, copy.byteSize());
    return new Floats(copy, 0, source.length());
  }
}
