package dev.lanewise.kernels;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Bytes that the current thread allocates. */
final class Allocation {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int CALLS = 20;

  /** Rounds without a byte, one after the other. */
  private static final int QUIET_ROUNDS = 3;

  /** Far more than C2 needs, on a busy machine too: passed only by what is never compiled well. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private Allocation() {}

  /**
   * Bytes a call once compiled: calls in rounds until some in a row allocate nothing, or the
   * average of the last round. (Compilation happens in the background and has no end to wait for.)
   */
  static long perCall(Runnable call) {
    long start = System.nanoTime();
    int quiet = 0;
    long bytes = 0;
    while (quiet < QUIET_ROUNDS && System.nanoTime() - start < PATIENCE_NANOS) {
      bytes = ofCalls(call, CALLS);
      quiet = bytes == 0 ? quiet + 1 : 0;
    }
    return bytes == 0 ? 0 : Math.max(1, bytes / CALLS);
  }

  /** Bytes that {@code count} calls allocate. */
  static long ofCalls(Runnable call, int count) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < count; i++) {
      call.run();
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
