package dev.lanewise.internal.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Zeroed memory of its own, replaced when more is needed. */
final class OwnedBuffer implements AutoCloseable {

  private final Arena arena = Arena.ofShared();
  final MemorySegment segment;

  OwnedBuffer(long bytes) {
    segment = arena.allocate(bytes, 64);
  }

  @Override
  public void close() {
    arena.close();
  }
}
