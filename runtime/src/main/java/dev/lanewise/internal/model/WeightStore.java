package dev.lanewise.internal.model;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Workers;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Weights that are first read where the checkpoint maps them and then, for the vector kernels, from
 * a copy. This is the one place that decides when weights are copied.
 *
 * <p>They are copied before the first pass of vector kernels, not when the model is opened: opening
 * stays as fast as mapping, and what only scalar kernels read is never copied. The mapping ends
 * with the last pass that reads it, so that the weights are resident once. Thread-safe.
 *
 * @param <T> the weights, immutable
 */
final class WeightStore<T> implements AutoCloseable {

  /** Copies weights. */
  @FunctionalInterface
  interface Packer<T> {
    /**
     * Copies.
     *
     * @param arena of the copy
     * @param closed whether nobody will read it any more
     */
    T pack(T mapped, Arena arena, Workers workers, BooleanSupplier closed);
  }

  /** Weights in one memory, freed when nobody reads them any more. */
  static final class Lot<T> {
    private final T weights;
    private final Arena arena;
    private final AtomicInteger users = new AtomicInteger(1); // the store itself

    private Lot(T weights, Arena arena) {
      this.weights = weights;
      this.arena = arena;
    }

    T weights() {
      return weights;
    }

    private boolean enter() {
      return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) != 0;
    }

    /** Ends what {@link WeightStore#enter} began. */
    void exit() {
      if (users.decrementAndGet() == 0) {
        arena.close();
      }
    }
  }

  private final Packer<T> packer;
  private volatile Lot<T> current;
  private volatile boolean settled;
  private volatile boolean closed;

  /**
   * Takes weights as they were loaded.
   *
   * @param arena of these weights alone
   * @param packs whether they are to be copied
   */
  WeightStore(T weights, Arena arena, boolean packs, Packer<T> packer) {
    this.current = new Lot<>(weights, arena);
    this.settled = !packs;
    this.packer = packer;
  }

  /** Weights for a pass of {@code kernels}, to be given back by {@link Lot#exit}. */
  Lot<T> enter(Kernels kernels, Workers workers) {
    if (kernels.vectorBits() > 0) {
      pack(workers);
    }
    while (true) {
      Lot<T> lot = current;
      if (lot.enter()) {
        return lot;
      }
    }
  }

  /** Copies the weights, if that is wanted and was not done. */
  @SuppressWarnings("MustBeClosedChecker") // closed with the lot
  void pack(Workers workers) {
    if (settled) {
      return;
    }
    synchronized (this) {
      if (settled || closed) {
        return;
      }
      Lot<T> mapped = current;
      Arena arena = Arena.ofShared();
      try {
        current = new Lot<>(packer.pack(mapped.weights, arena, workers, () -> closed), arena);
      } catch (RuntimeException | Error e) {
        arena.close();
        throw e;
      }
      settled = true;
      mapped.exit();
    }
  }

  /** Weights as vector kernels read them, copied if that is wanted; they last until the close. */
  T ready() {
    pack(Workers.sequential());
    return current.weights;
  }

  /** Frees the weights; no pass may be under way. A thread that copies is waited for. */
  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      current.exit();
    }
  }
}
