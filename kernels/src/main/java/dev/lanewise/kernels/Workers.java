package dev.lanewise.kernels;

/**
 * The threads that kernels run on. {@link #sequential} uses the caller alone; A fixed pool adds
 * daemon threads that spin briefly for the next task and then park.
 *
 * <p>Thread-safe. A pool runs one task at a time; a caller that finds it busy does all parts
 * itself, which by the kernels' rules gives the same bits.
 */
public abstract sealed class Workers implements AutoCloseable permits SequentialWorkers {

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

  /** For the two kinds below. */
  Workers() {}

  /** How many parts run at a time. */
  public abstract int threads();

  /** Runs all parts and returns when they are done; an exception of any part is thrown here. */
  public abstract void run(Task task);

  /** Ends the threads. Idempotent. */
  @Override
  public abstract void close();
}
