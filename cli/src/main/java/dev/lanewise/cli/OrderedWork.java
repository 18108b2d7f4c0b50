package dev.lanewise.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Works on many inputs with several threads and hands on the results in the order of the inputs, so
 * that nobody can tell the number of threads but by the clock. A bounded number of inputs and
 * results is held. Used by one thread, which adds inputs and receives results.
 */
final class OrderedWork<T, R> implements AutoCloseable {

  /** Inputs under way for each thread: enough that one long text keeps no thread waiting. */
  private static final int DEPTH = 16;

  /** What is done with an input, on any thread. */
  @FunctionalInterface
  interface Step<T, R> {
    /** Does it. */
    R apply(T input) throws IOException;
  }

  /** Where results go, on the caller's thread. */
  @FunctionalInterface
  interface Sink<R> {
    /** Takes the next one. */
    void accept(R result) throws IOException;
  }

  private final Step<T, R> step;
  private final Sink<R> sink;
  private final ExecutorService threads;
  private final Queue<Future<R>> underWay = new ArrayDeque<>();
  private final int capacity;

  OrderedWork(int threads, Step<T, R> step, Sink<R> sink) {
    this.step = step;
    this.sink = sink;
    this.capacity = threads * DEPTH;
    this.threads =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("lanewise-work-", 0).factory());
  }

  /**
   * Takes an input; waits for the oldest result if too many are under way.
   *
   * @throws IOException what the work on an earlier input, or the sink, failed with
   */
  void add(T input) throws IOException {
    if (underWay.size() == capacity) {
      emitOldest();
    }
    underWay.add(threads.submit(() -> step.apply(input)));
  }

  /** Waits for all results. */
  void finish() throws IOException {
    while (!underWay.isEmpty()) {
      emitOldest();
    }
  }

  private void emitOldest() throws IOException {
    try {
      sink.accept(underWay.remove().get());
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Forgets what is under way, and waits until no thread works on it any more. */
  @Override
  public void close() {
    underWay.forEach(future -> future.cancel(false));
    threads.close();
  }
}
