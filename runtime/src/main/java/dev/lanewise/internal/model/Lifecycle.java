package dev.lanewise.internal.model;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts running calls, so that memory is freed once, after the last of them has left: by {@link
 * #close} itself if none is running. Thread-safe.
 */
final class Lifecycle {

  private static final int CLOSED = 1 << 31;

  /** Running calls, and {@link #CLOSED} as the sign bit. */
  private final AtomicInteger state = new AtomicInteger();

  private final Runnable free;

  Lifecycle(Runnable free) {
    this.free = free;
  }

  /**
   * Begins a call.
   *
   * @throws IllegalStateException if closed
   */
  void enter() {
    int before = state.getAndUpdate(s -> s < 0 ? s : s + 1);
    if (before < 0) {
      throw new IllegalStateException("the model is closed");
    }
  }

  /** Ends a call that {@link #enter} began. */
  void exit() {
    if (state.decrementAndGet() == CLOSED) {
      free.run();
    }
  }

  boolean isClosed() {
    return state.get() < 0;
  }

  /** Lets no more calls in. Idempotent. */
  void close() {
    if (state.getAndUpdate(s -> s | CLOSED) == 0) {
      free.run();
    }
  }
}
