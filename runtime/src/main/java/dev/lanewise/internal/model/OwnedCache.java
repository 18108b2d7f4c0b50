package dev.lanewise.internal.model;

import dev.lanewise.kernels.KvCache;
import dev.lanewise.loader.ModelConfig;
import java.lang.foreign.Arena;

/** Keys and values with memory of their own, replaced when a text needs more. */
final class OwnedCache implements AutoCloseable {

  private final Arena arena = Arena.ofShared();
  final KvCache keysAndValues;

  OwnedCache(ModelConfig config, int layers, int capacity) {
    keysAndValues = new KvCache(arena, layers, config.nHead(), config.headSize(), capacity);
  }

  boolean fits(int layers, int capacity) {
    return keysAndValues.layers() >= layers && keysAndValues.capacity() >= capacity;
  }

  /**
   * Another one, with room for {@code capacity} positions, that has the first {@code positions}.
   */
  OwnedCache copy(ModelConfig config, int capacity, int positions) {
    OwnedCache copy = new OwnedCache(config, keysAndValues.layers(), capacity);
    copy.keysAndValues.copyFrom(keysAndValues, positions);
    return copy;
  }

  @Override
  public void close() {
    arena.close();
  }
}
