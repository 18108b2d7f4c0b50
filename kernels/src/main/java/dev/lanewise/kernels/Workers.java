package dev.lanewise.kernels;

/**
 * The threads that kernels run on. {@link #sequential} uses the caller alone; a {@link #fixed} pool
 * adds daemon threads that spin briefly for the next task and then park.
 *
 * <p>Thread-safe. A pool runs one task at a time; a caller that finds it busy does all parts
 * itself, as one part, which by the kernels' rules gives the same bits.
 */
public abstract sealed class Workers implements AutoCloseable
    permits SequentialWorkers, FixedWorkers {

  /** A piece of work that can be cut into any number of parts. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does part {@code part} of {@code parts}.
     *
     * @param part 0 to parts - 1; part 0 runs on the calling thread
     */
    void run(int part, int parts);
  }

  /** The caller's thread and no other. */
  public static Workers sequential() {
    return SequentialWorkers.INSTANCE;
  }

  /**
   * A pool of {@code threads} threads, the caller of {@link #run} included, so that {@code threads
   * - 1} daemon threads are started. They live until {@link #close}.
   *
   * @param threads at least 1; usually {@link Runtime#availableProcessors}
   */
  public static Workers fixed(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("needs at least 1 thread, got " + threads);
    }
    return new FixedWorkers(threads);
  }

  /** For the two kinds. */
  Workers() {}

  /** How many parts run at a time. */
  public abstract int threads();

  /**
   * Runs all parts and returns when they are done; what a part throws is thrown here, once the
   * other parts have finished. Allocates nothing.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public abstract void run(Task task);

  /** Ends the threads, after the task that is running. Idempotent. */
  @Override
  public abstract void close();
}
