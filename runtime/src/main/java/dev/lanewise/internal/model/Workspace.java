package dev.lanewise.internal.model;

import dev.lanewise.kernels.AttentionScratch;
import dev.lanewise.kernels.PackedRows;
import dev.lanewise.loader.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Activations of one running call, for up to {@link #rows} tokens at a time, all float32. Grows,
 * and is kept for the next call. Not thread-safe.
 */
final class Workspace implements AutoCloseable {

  private final ModelConfig config;
  private final int threads;
  private final Arena arena = Arena.ofShared();

  /** Tokens that fit. */
  final int rows;

  /** Residual stream {@code (rows, nEmbd)}. */
  final MemorySegment residual;

  /** Normalized residual stream {@code (rows, nEmbd)}. */
  final MemorySegment normalized;

  /** Queries, keys, values {@code (rows, 3 nEmbd)}. */
  final MemorySegment queryKeyValue;

  /** Attention before its output matrix {@code (rows, nEmbd)}. */
  final MemorySegment attended;

  /** Inner layer of the feed-forward network {@code (rows, nInner)}. */
  final MemorySegment inner;

  final PackedRows packed = new PackedRows();
  final PackedRows packedActive = new PackedRows();
  final AttentionScratch[] scratch;

  Workspace(ModelConfig config, int threads, int rows) {
    this.config = config;
    this.threads = threads;
    this.rows = rows;
    long row = (long) config.nEmbd() * Float.BYTES;
    residual = arena.allocate(rows * row, 64);
    normalized = arena.allocate(rows * row, 64);
    queryKeyValue = arena.allocate(3L * rows * row, 64);
    attended = arena.allocate(rows * row, 64);
    inner = arena.allocate((long) rows * config.nInner() * Float.BYTES, 64);
    scratch = new AttentionScratch[threads];
    for (int i = 0; i < threads; i++) {
      scratch[i] = new AttentionScratch(arena, config.headSize());
    }
  }

  /** A workspace of the same model with more room; this one is closed. */
  Workspace grow(int rows) {
    close();
    return new Workspace(config, threads, rows);
  }

  @Override
  public void close() {
    arena.close();
  }
}
