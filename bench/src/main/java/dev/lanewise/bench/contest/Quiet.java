package dev.lanewise.bench.contest;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells a disturbed sample from a slow one, on a machine that others use too. A sample is clean if
 * the threads of this process waited for a processor less than 1 % of the time (Linux: second field
 * of {@code /proc/self/task/N/schedstat}). Elsewhere every sample counts as clean.
 */
public final class Quiet {

  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Path LOAD = Path.of("/proc/loadavg");
  private static final int TRIES = 12;

  private Quiet() {}

  /** One timed call. */
  public record Sample(long nanos, boolean clean) {}

  /** Runs a call at a quiet moment, if one comes within a quarter of a second, and times it. */
  static Sample time(Runnable call) {
    awaitCalm();
    long waited = waitedNanos();
    long start = System.nanoTime();
    call.run();
    long nanos = System.nanoTime() - start;
    return new Sample(nanos, waitedNanos() - waited < nanos / 100);
  }

  /** Nanoseconds that the threads of this process were ready to run and didn't. */
  static long waitedNanos() {
    if (!Files.isDirectory(TASKS)) {
      return 0;
    }
    long sum = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        sum += waitedNanos(task);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return 0; // not a Linux that tells
    }
    return sum;
  }

  private static long waitedNanos(Path task) {
    try {
      return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 3)[1]);
    } catch (IOException e) {
      return 0; // the thread has ended
    }
  }

  /** Waits until no other process wants to run, twice in a row; gives up after a while. */
  private static void awaitCalm() {
    try {
      for (int i = 0, calm = 0; i < TRIES && calm < 2; i++) {
        calm = isCalm() ? calm + 1 : 0;
        Thread.sleep(calm > 0 ? 2 : 20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isCalm() {
    try {
      return !Files.exists(LOAD) || Files.readString(LOAD).split(" ", 5)[3].startsWith("1/");
    } catch (IOException e) {
      return true;
    }
  }
}
