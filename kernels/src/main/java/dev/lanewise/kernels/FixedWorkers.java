package dev.lanewise.kernels;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of threads, the caller being the first of them.
 *
 * <p>A task is published by counting an epoch up; each worker spins on it for a moment, then parks,
 * and so does the caller while it waits for the end. Measured on two cores: an empty task takes 0.3
 * microseconds, against 54-64 when parking at once and 33-68 in the fork-join pool. Spinning
 * without bound collapses to scheduler slices of milliseconds as soon as another process takes the
 * core.
 */
final class FixedWorkers extends Workers {

  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 20_000 : 0;

  private final Worker[] workers;
  private final Semaphore idle = new Semaphore(1);
  private final AtomicInteger unfinished = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private @Nullable Task task;
  private volatile @Nullable Thread waiter;
  private volatile int epoch;
  private volatile boolean closed;

  FixedWorkers(int threads) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
    }
    for (Worker worker : workers) {
      worker.thread.start();
    }
  }

  @Override
  public int threads() {
    return workers.length + 1;
  }

  @Override
  public void run(Task task) {
    checkOpen();
    if (!idle.tryAcquire()) {
      task.run(0, 1);
      return;
    }
    try {
      checkOpen(); // again: now nobody can close
      runOnAll(task);
    } finally {
      idle.release();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("workers are closed");
    }
  }

  private void runOnAll(Task task) {
    this.task = task;
    unfinished.set(workers.length);
    int next = epoch + 1;
    epoch = next;
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker.thread);
      }
    }
    runPart(task, 0);
    awaitOthers();
    this.task = null;
    Throwable thrown = failure.getAndSet(null);
    if (thrown != null) {
      FixedWorkers.<RuntimeException>rethrow(thrown);
    }
  }

  private void runPart(Task task, int part) {
    try {
      task.run(part, workers.length + 1);
    } catch (Throwable t) { // whatever it is, it belongs to the caller of run
      failure.compareAndSet(null, t);
    }
  }

  private void awaitOthers() {
    int spins = 0;
    while (unfinished.get() != 0) {
      if (spins < SPINS) {
        spins++;
        Thread.onSpinWait();
        continue;
      }
      waiter = Thread.currentThread();
      if (unfinished.get() != 0) {
        LockSupport.park(this);
      }
      waiter = null;
    }
  }

  /** Throws what a task threw, which can only be unchecked. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void rethrow(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /**
   * {@inheritDoc} Waits for a running task and for the threads.
   *
   * @throws IllegalStateException when called from one of the threads: it would wait for itself
   */
  @Override
  public void close() {
    for (Worker worker : workers) {
      if (worker.thread == Thread.currentThread()) {
        throw new IllegalStateException("a task cannot close its own workers");
      }
    }
    idle.acquireUninterruptibly();
    try {
      closed = true;
      for (Worker worker : workers) {
        LockSupport.unpark(worker.thread);
      }
    } finally {
      idle.release();
    }
    boolean interrupted = false;
    for (Worker worker : workers) {
      interrupted |= joinThrough(worker.thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Joins in spite of interrupts; says whether there was one. */
  private static boolean joinThrough(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  /** One thread beside the caller's. */
  private final class Worker implements Runnable {
    final int part;
    final Thread thread;
    volatile boolean parked;

    Worker(int part) {
      this.part = part;
      thread = Thread.ofPlatform().daemon().name("lanewise-worker-" + part).unstarted(this);
    }

    @Override
    public void run() {
      int seen = 0;
      while (true) {
        awaitEpochAfter(seen);
        if (epoch == seen) {
          return; // closed
        }
        seen++;
        Task current = task;
        if (current != null) {
          runPart(current, part);
        }
        if (unfinished.decrementAndGet() == 0) {
          Thread waiting = waiter;
          if (waiting != null) {
            LockSupport.unpark(waiting);
          }
        }
      }
    }

    private void awaitEpochAfter(int seen) {
      int spins = 0;
      while (epoch == seen && !closed) {
        if (spins < SPINS) {
          spins++;
          Thread.onSpinWait();
          continue;
        }
        parked = true;
        if (epoch == seen && !closed) {
          LockSupport.park(FixedWorkers.this);
        }
        parked = false;
      }
    }
  }
}
