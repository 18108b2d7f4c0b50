package dev.lanewise.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * "loading models/gpt2 3.1 s" on a terminal's stderr while something is slow; erased at the end.
 * Nothing is shown of what ends within 0.4 seconds, nor where stderr is no terminal.
 */
final class StatusLine {

  private static final long PATIENCE_MILLIS = 400;
  private static final long STEP_MILLIS = 200;

  private final Console console;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread;

  private StatusLine(Console console, Supplier<String> what) {
    this.console = console;
    thread = Thread.ofPlatform().daemon().name("lanewise-status").unstarted(() -> show(what));
  }

  /** Something that takes time. */
  @FunctionalInterface
  interface Work<T> {
    /** Does it. */
    T run() throws IOException;
  }

  /** Does {@code work}, showing {@code what} unless {@code quiet}. */
  static <T> T during(Console console, boolean quiet, String what, Work<T> work)
      throws IOException {
    return during(console, quiet, () -> what, work);
  }

  /** Does {@code work}, showing what {@code what} says meanwhile unless {@code quiet}. */
  static <T> T during(Console console, boolean quiet, Supplier<String> what, Work<T> work)
      throws IOException {
    if (quiet || !console.errIsTerminal()) {
      return work.run();
    }
    StatusLine line = new StatusLine(console, () -> Console.printable(what.get()));
    line.thread.start();
    try {
      return work.run();
    } finally {
      line.close();
    }
  }

  private void show(Supplier<String> what) {
    long start = System.nanoTime();
    try {
      long wait = PATIENCE_MILLIS;
      boolean shown = false;
      while (!end.await(wait, TimeUnit.MILLISECONDS)) {
        double seconds = (System.nanoTime() - start) / 1e9;
        console.printError(String.format(Locale.ROOT, "\r%s %.1f s\u001b[K", what.get(), seconds));
        shown = true;
        wait = STEP_MILLIS;
      }
      if (shown) {
        console.printError("\r\u001b[K");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Erases the line. */
  private void close() {
    end.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
