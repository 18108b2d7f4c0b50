package dev.lanewise.kernels;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Bytes that the current thread allocates. */
final class Allocation {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Enough for C2 to have compiled a kernel and its loops; each round runs until then. */
  private static final int ROUNDS = 60;

  private static final int CALLS = 50;

  private Allocation() {}

  /**
   * Bytes a call once compiled: calls in rounds until a round allocates nothing, or the average of
   * the last round. (Compilation happens in the background and has no end to wait for.)
   */
  static long perCall(Runnable call) {
    long bytes = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && bytes != 0; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    return bytes / CALLS;
  }
}
