package dev.lanewise.internal.model;

import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * Idle forwards, kept for the next call: at most one for each processor, the rest are freed at
 * once. Thread-safe.
 */
final class ForwardPool {

  private final Supplier<Forward> maker;
  private final int limit = Runtime.getRuntime().availableProcessors();
  private final ArrayDeque<Forward> idle = new ArrayDeque<>();
  private boolean closed;

  ForwardPool(Supplier<Forward> maker) {
    this.maker = maker;
  }

  /** An idle forward, the last one used (its memory is in cache), or a new one. */
  Forward take() {
    synchronized (idle) {
      Forward forward = idle.pollFirst();
      if (forward != null) {
        return forward;
      }
    }
    return maker.get();
  }

  void giveBack(Forward forward) {
    synchronized (idle) {
      if (!closed && idle.size() < limit) {
        idle.addFirst(forward);
        return;
      }
    }
    forward.close();
  }

  /** Frees the idle ones, and from now on each that comes back. */
  void close() {
    synchronized (idle) {
      closed = true;
      idle.forEach(Forward::close);
      idle.clear();
    }
  }
}
