package dev.lanewise.internal.model;

import dev.lanewise.internal.model.GptWeights.Block;
import dev.lanewise.internal.model.GptWeights.Head;
import dev.lanewise.internal.model.GptWeights.Linear;
import dev.lanewise.internal.model.GptWeights.Norm;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.KvCache;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.kernels.Workers;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.ModelConfig.Architecture;
import dev.lanewise.loader.Pooling;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of one text, {@link #MAX_ROWS} tokens at a time.
 *
 * <p>GPT-1 normalizes after each sub-layer: x = ln_1(x + attention(x)), x = ln_2(x + mlp(x)). GPT-2
 * normalizes before: x += attention(ln_1(x)), x += mlp(ln_2(x)), and once more at the end.
 *
 * <p>Work is cut by outputs: rows of tokens where a row is normalized or packed, attention heads,
 * and columns of the matrices; the stages in between are the only barriers. Because no sum is ever
 * cut, the number of threads does not change a bit. Nothing is allocated once the buffers have
 * grown to the text's size. Not thread-safe: one running call owns it.
 */
public final class Forward implements AutoCloseable {

  /** Tokens a pass; longer texts take several and keep the keys and values of every layer. */
  static final int MAX_ROWS = 512;

  /** Rows are cut in multiples of the kernels' panels. */
  private static final int ROW_UNIT = 8;

  /** Columns are cut in multiples of two vectors of 512 bits. */
  private static final int COLUMN_UNIT = 32;

  /** Columns that go through matmul and activation together, so that they are still in cache. */
  private static final int ACTIVATION_COLUMNS = 6 * COLUMN_UNIT;

  private enum Stage {
    ATTENTION_INPUT,
    ATTENTION,
    ATTENTION_OUTPUT_INPUT,
    ATTENTION_OUTPUT,
    FEED_FORWARD_INPUT,
    FEED_FORWARD,
    FEED_FORWARD_OUTPUT_INPUT,
    FEED_FORWARD_OUTPUT,
    FEED_FORWARD_NORM
  }

  private final ModelConfig config;
  private final GptWeights weights;
  private final WeightStore<List<Block>> store;
  private final Workers workers;
  private Workers running;
  private boolean alone;
  private final boolean normalizesFirst;
  private final int width;
  private final int inner;
  private final long rowBytes;
  private final long qkvBytes;
  private final long innerBytes;
  private final Workers.Task stageTask = this::runStage;

  private final KernelSwitch backend;
  private Kernels kernels;
  private Workspace space;
  private final OutputHead output;
  private final PooledState pooled;

  /** Of texts that nobody keeps. */
  private final Sequence own;

  /** Of the text under way. */
  private Sequence sequence;

  // The pass under way: rows of tokens, of which the last `active` are computed in full; all of
  // one sequence, or one of each of several.
  private List<Sequence> together = List.of();
  private List<Block> blocks = List.of();
  private int rows;
  private int active;
  private int layer;
  private Stage stage = Stage.ATTENTION_INPUT;

  Forward(
      ModelConfig config,
      GptWeights weights,
      WeightStore<List<Block>> store,
      @Nullable WeightStore<Matrix> outputStore,
      KernelSwitch backend,
      Workers workers) {
    this.config = config;
    this.weights = weights;
    this.store = store;
    this.backend = backend;
    this.kernels = backend.current();
    this.workers = workers;
    this.running = workers;
    this.normalizesFirst = config.architecture() == Architecture.GPT2;
    this.own = new Sequence(config);
    this.sequence = own;
    this.width = config.nEmbd();
    this.inner = config.nInner();
    this.rowBytes = (long) width * Float.BYTES;
    this.qkvBytes = 3 * rowBytes;
    this.innerBytes = (long) inner * Float.BYTES;
    this.space = new Workspace(config, workers.threads(), ROW_UNIT);
    this.output = new OutputHead(weights, outputStore, config.layerNormEpsilon());
    this.pooled = new PooledState(config.nEmbd());
  }

  /**
   * Begins a new text.
   *
   * @param capacity tokens that the text may grow to
   * @param grows whether more passes follow the first
   */
  void begin(int capacity, boolean grows) {
    sequence = own;
    own.begin(grows || capacity > MAX_ROWS ? config.nLayer() : 1, capacity);
  }

  /** Goes on with a text whose keys and values somebody keeps, and has reserved room for more. */
  void resume(Sequence sequence) {
    this.sequence = sequence;
  }

  /** Runs tokens [from, to) in passes; {@code need} holds for the last pass. */
  void runAll(int[] ids, int from, int to, Need need, @Nullable LayerListener listener) {
    for (int start = from; start < to; start += MAX_ROWS) {
      int end = Math.min(to, start + MAX_ROWS);
      run(ids, start, end, end < to && need == Need.LAST ? Need.NONE : need, listener);
    }
  }

  /**
   * Runs tokens [from, to), at most {@link #MAX_ROWS}, at the positions that follow those seen.
   *
   * @param listener hears all rows of every layer ({@code need} must be ALL), or null
   */
  void run(int[] ids, int from, int to, Need need, @Nullable LayerListener listener) {
    runRows(ids, from, to - from, need, listener);
    sequence.advance(rows);
  }

  /**
   * Runs one more token of each of several texts: the weights are read once for all. Each gets the
   * bits that it gets alone.
   *
   * @param sequences different ones, at most {@link #MAX_ROWS}, each with room for its token
   * @param ids one of each
   */
  void runTogether(List<Sequence> sequences, int[] ids) {
    together = sequences;
    try {
      runRows(ids, 0, sequences.size(), Need.ALL, null);
    } finally {
      together = List.of();
    }
    sequences.forEach(one -> one.advance(1));
  }

  private void runRows(
      int[] ids, int from, int count, Need need, @Nullable LayerListener listener) {
    rows = count;
    kernels = backend.current();
    // The thread that compiles the kernels needs a processor more than this text does.
    running = alone || backend.isWarming() ? Workers.sequential() : workers;
    if (rows > space.rows) {
      space = space.grow(Math.min(MAX_ROWS, Math.ceilDiv(Math.max(rows, 2 * space.rows), 8) * 8));
    }
    WeightStore.Lot<List<Block>> entered = store.enter(kernels, running);
    try {
      blocks = entered.weights();
      runBlocks(ids, from, need, listener);
    } finally {
      entered.exit();
    }
  }

  private void runBlocks(int[] ids, int from, Need need, @Nullable LayerListener listener) {
    embed(ids, from);
    active = rows;
    tell(listener, 0);
    for (layer = 0; layer < config.nLayer(); layer++) {
      boolean last = layer == config.nLayer() - 1;
      active = !last || need == Need.ALL ? rows : need == Need.LAST ? 1 : 0;
      runBlock();
      tell(listener, layer + 1);
    }
  }

  private void tell(@Nullable LayerListener listener, int layers) {
    if (listener != null) {
      listener.onLayer(layers, space.residual, rows);
    }
  }

  /** Tokens seen so far. */
  int position() {
    return sequence.position();
  }

  /** Forgets all tokens from {@code position} on. */
  void rewind(int position) {
    sequence.rewind(position);
  }

  /** The backend of the last pass. */
  Kernels kernels() {
    return kernels;
  }

  /** Whether the next passes use the calling thread only: others are busy with other texts. */
  void alone(boolean value) {
    alone = value;
  }

  /** Begins a sum of pooled states. */
  void beginPooling(Pooling pooling) {
    pooled.reset(pooling);
  }

  /** Runs a text that is known whole, and adds its pooled state to the sum. */
  void pool(int[] ids, int length, Pooling pooling) {
    begin(length, false);
    Need need = PooledState.need(pooling);
    for (int from = 0; from < length; from += MAX_ROWS) {
      int to = Math.min(length, from + MAX_ROWS);
      boolean last = to == length;
      run(ids, from, to, !last && need == Need.LAST ? Need.NONE : need, null);
      if (last || need == Need.ALL) {
        pooled.add(kernels, output, space.residual, 0, rows, last);
      }
    }
  }

  /** The sum of pooled states. */
  float[] pooledState() {
    return pooled.toArray();
  }

  /** A head's outputs for the sum of pooled states. */
  void scores(Head head, float[] scores) {
    output.scores(kernels, running, head, pooled.sum(), scores);
  }

  /** States of rows [from, from + count) after the last block, {@code (count, nEmbd)}. */
  void states(int from, int count, MemorySegment target) {
    output.states(kernels, space.residual, activeRow(from), count, target, 0);
  }

  /** Logits of the token after row {@code from + i}, {@code (count, vocab)}. */
  MemorySegment logits(int from, int count) {
    return output.logits(kernels, running, space, activeRow(from), count);
  }

  /** Logits of the token after the last one, {@code (vocab)}. */
  MemorySegment lastLogits() {
    return logits(rows - 1, 1);
  }

  private long activeRow(int row) {
    if (row < rows - active) {
      throw new IllegalStateException("row " + row + " was not computed in full");
    }
    return row * rowBytes;
  }

  private void embed(int[] ids, int from) {
    TokenEmbedding tokens = weights.tokens();
    Matrix positions = weights.positions();
    MemorySegment x = space.residual;
    MemorySegment p = space.normalized;
    for (int row = 0; row < rows; row++) {
      long at = row * rowBytes;
      long place = positions.offset() + positionOf(row) * rowBytes;
      tokens.copy(ids[from + row], x, at);
      MemorySegment.copy(positions.segment(), place, p, at, rowBytes);
      kernels.add(x, at, p, at, x, at, width);
    }
  }

  private int positionOf(int row) {
    return together.isEmpty() ? sequence.position() + row : together.get(row).position();
  }

  private void runBlock() {
    Block block = blocks.get(layer);
    space.packed.reset(rows, block.queryKeyValue().weight());
    if (active < rows) {
      space.packedActive.reset(active, block.queryKeyValue().weight());
    }
    run(Stage.ATTENTION_INPUT);
    run(Stage.ATTENTION);
    if (active == 0) {
      return;
    }
    space.packedActive.reset(active, block.attentionOutput().weight());
    run(Stage.ATTENTION_OUTPUT_INPUT);
    run(Stage.ATTENTION_OUTPUT);
    space.packedActive.reset(active, block.feedForwardInput().weight());
    run(Stage.FEED_FORWARD_INPUT);
    run(Stage.FEED_FORWARD);
    space.packedActive.reset(active, block.feedForwardOutput().weight());
    run(Stage.FEED_FORWARD_OUTPUT_INPUT);
    run(Stage.FEED_FORWARD_OUTPUT);
    if (!normalizesFirst) {
      run(Stage.FEED_FORWARD_NORM);
    }
  }

  private void run(Stage stage) {
    this.stage = stage;
    running.run(stageTask);
  }

  private void runStage(int part, int parts) {
    Block block = blocks.get(layer);
    int fromRow = cut(active, ROW_UNIT, part, parts);
    int toRow = cut(active, ROW_UNIT, part + 1, parts);
    switch (stage) {
      case ATTENTION_INPUT ->
          attentionInput(
              block, cut(rows, ROW_UNIT, part, parts), cut(rows, ROW_UNIT, part + 1, parts));
      case ATTENTION -> attention(block, part, parts);
      case ATTENTION_OUTPUT_INPUT -> {
        kernels.pack(space.attended, 0, rowBytes, space.packedActive, fromRow, toRow);
        addBias(block.attentionOutput(), fromRow, toRow);
      }
      case ATTENTION_OUTPUT -> project(block.attentionOutput(), part, parts);
      case FEED_FORWARD_INPUT -> feedForwardInput(block, fromRow, toRow);
      case FEED_FORWARD -> feedForward(block.feedForwardInput(), part, parts);
      case FEED_FORWARD_OUTPUT_INPUT ->
          kernels.pack(space.inner, 0, innerBytes, space.packedActive, fromRow, toRow);
      case FEED_FORWARD_OUTPUT -> project(block.feedForwardOutput(), part, parts);
      case FEED_FORWARD_NORM ->
          normalize(block.feedForwardNorm(), space.residual, activeOffset(), fromRow, toRow);
    }
  }

  /** The first of {@code n} elements that belongs to part {@code part}. */
  static int cut(int n, int unit, int part, int parts) {
    int units = Math.ceilDiv(n, unit);
    return Math.min(n, (int) ((long) units * part / parts) * unit);
  }

  private long activeOffset() {
    return (rows - active) * rowBytes;
  }

  private void attentionInput(Block block, int from, int to) {
    MemorySegment input = space.residual;
    if (normalizesFirst) {
      input = space.normalized;
      normalize(block.attentionNorm(), input, 0, from, to);
    }
    kernels.pack(input, 0, rowBytes, space.packed, from, to);
    if (active < rows && to == rows) {
      kernels.pack(input, activeOffset(), rowBytes, space.packedActive, 0, active);
    }
  }

  /** Queries, keys, values and attention of some heads: needs nothing of the other heads. */
  private void attention(Block block, int part, int parts) {
    int from = cut(config.nHead(), 1, part, parts);
    int to = cut(config.nHead(), 1, part + 1, parts);
    int headSize = config.headSize();
    Linear linear = block.queryKeyValue();
    MemorySegment qkv = space.queryKeyValue;
    int first = from * headSize;
    int columns = (to - from) * headSize;
    if (active == rows) {
      multiply(space.packed, linear, qkv, 0, qkvBytes, first, first + columns);
    } else if (active > 0) {
      long row = (rows - active) * qkvBytes;
      multiply(space.packedActive, linear, qkv, row, qkvBytes, first, first + columns);
    }
    for (int start = width; start < 3 * width; start += width) { // keys, then values
      multiply(space.packed, linear, qkv, 0, qkvBytes, start + first, start + first + columns);
    }
    if (together.isEmpty()) {
      attend(sequence, 0, rows, active, from, to, part);
    } else {
      for (int row = 0; row < rows; row++) {
        attend(together.get(row), row, 1, 1, from, to, part);
      }
    }
  }

  /** Attention of {@code count} rows of one text, of which the last {@code active} ask. */
  private void attend(Sequence text, int row, int count, int active, int from, int to, int part) {
    MemorySegment qkv = space.queryKeyValue;
    KvCache cache = text.keysAndValues();
    int cacheLayer = Math.min(layer, cache.layers() - 1);
    long first = row * qkvBytes;
    kernels.appendKeysAndValues(
        qkv,
        first + rowBytes,
        first + 2 * rowBytes,
        qkvBytes,
        count,
        text.position(),
        cache,
        cacheLayer,
        from,
        to);
    if (active > 0) {
      kernels.attention(
          qkv,
          first + (count - active) * qkvBytes,
          qkvBytes,
          active,
          text.position() + count - active,
          cache,
          cacheLayer,
          from,
          to,
          config.attentionScale(layer),
          space.attended,
          row * rowBytes,
          rowBytes,
          space.scratch[part]);
    }
  }

  private void feedForwardInput(Block block, int from, int to) {
    if (normalizesFirst) {
      normalize(block.feedForwardNorm(), space.normalized, 0, from, to);
      kernels.pack(space.normalized, 0, rowBytes, space.packedActive, from, to);
    } else {
      normalize(block.attentionNorm(), space.residual, activeOffset(), from, to);
      kernels.pack(space.residual, activeOffset(), rowBytes, space.packedActive, from, to);
    }
    addBias(block.feedForwardOutput(), from, to);
  }

  private void feedForward(Linear linear, int part, int parts) {
    int end = cut(inner, COLUMN_UNIT, part + 1, parts);
    for (int from = cut(inner, COLUMN_UNIT, part, parts); from < end; from += ACTIVATION_COLUMNS) {
      int to = Math.min(end, from + ACTIVATION_COLUMNS);
      multiply(space.packedActive, linear, space.inner, 0, innerBytes, from, to);
      kernels.activate(config.activation(), space.inner, 0, innerBytes, active, from, to);
    }
  }

  /** Normalizes active rows of the residual stream into {@code target}. */
  private void normalize(Norm norm, MemorySegment target, long targetOffset, int from, int to) {
    kernels.layerNorm(
        space.residual,
        stage == Stage.ATTENTION_INPUT ? 0 : activeOffset(),
        rowBytes,
        from,
        to,
        norm.gain(),
        norm.bias(),
        config.layerNormEpsilon(),
        target,
        targetOffset,
        rowBytes);
  }

  /** y = x W + bias for columns [from, to). */
  private void multiply(
      PackedRows x, Linear linear, MemorySegment y, long offset, long stride, int from, int to) {
    kernels.matmul(x, linear.weight(), linear.bias(), false, y, offset, stride, from, to);
  }

  /** residual += x W, this part's columns of the active rows; the bias was added before. */
  private void project(Linear linear, int part, int parts) {
    kernels.matmul(
        space.packedActive,
        linear.weight(),
        null,
        true,
        space.residual,
        activeOffset(),
        rowBytes,
        cut(width, COLUMN_UNIT, part, parts),
        cut(width, COLUMN_UNIT, part + 1, parts));
  }

  private void addBias(Linear linear, int from, int to) {
    kernels.addBias(space.residual, activeOffset(), rowBytes, from, to, linear.bias());
  }

  @Override
  public void close() {
    space.close();
    output.close();
    pooled.close();
    own.close();
  }
}
