package dev.lanewise.kernels;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Runs kernels on small data until the JVM has compiled them.
 *
 * <p>Until then a vector kernel is slower than a scalar one by orders of magnitude: the interpreter
 * and C1 make an object of every vector. That is also how the end is seen: compiled kernels
 * allocate nothing. Because all backends give the same bits, a model can answer with another
 * backend in the meantime.
 *
 * <p>A kernel is run just often enough to be handed to the compiler, then only now and then to see
 * whether the compiler is done: what runs meanwhile is slow, and the processor is wanted by the
 * compiler and by callers. All of it must look like the calls that follow, or the first of these
 * throws the compiled code away: the same kinds of memory, more than one row, head and block.
 */
public final class Warmup {

  /** Calls in a row without a byte allocated after which a kernel counts as compiled. */
  private static final int QUIET_CALLS = 3;

  /** Calls of the first round, in which the first compiler takes notice of all kernels. */
  private static final int FIRST_CALLS = 30;

  /** Calls of a round after that, and time after which a round ends though fewer were made. */
  private static final int CALLS = 10;

  private static final long CALLS_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  /** Between two rounds the processor is left to the compiler. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Many times what an idle machine needs: a JVM that does not compile must not be waited for. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final BooleanSupplier cancelled;
  private final long mostNanos;
  private final long start = System.nanoTime();

  private Warmup(BooleanSupplier cancelled, long mostNanos) {
    this.cancelled = cancelled;
    this.mostNanos = mostNanos;
  }

  /**
   * Runs the kernels of a forward pass until they are compiled, at most ten seconds.
   *
   * @param activation of the model
   * @param headSize of the model
   * @param weights matrices of the model, one of each layout; a few rows are read
   * @param cancelled ends it early
   * @return whether they are compiled; false if cancelled, or if it took far too long
   */
  public static boolean run(
      Kernels kernels,
      Activation activation,
      int headSize,
      List<Matrix> weights,
      BooleanSupplier cancelled) {
    return run(kernels, activation, headSize, weights, cancelled, MOST_NANOS);
  }

  static boolean run(
      Kernels kernels,
      Activation activation,
      int headSize,
      List<Matrix> weights,
      BooleanSupplier cancelled,
      long mostNanos) {
    Warmup warmup = new Warmup(cancelled, mostNanos);
    // Shared, as the memory of models is: another kind of arena is another class to the compiler.
    try (Arena arena = Arena.ofShared()) {
      WarmupCalls calls = new WarmupCalls(kernels, activation, headSize, arena);
      // Attention runs on the micro-kernels of matmul, and is slow as long as these are.
      return warmup.compile(calls.linear(weights)) && warmup.compile(calls.attention());
    }
  }

  private boolean compile(List<WarmupCalls.Call> calls) {
    List<Kernel> left = new ArrayList<>();
    calls.forEach(call -> left.add(new Kernel(call)));
    left.forEach(kernel -> kernel.run(FIRST_CALLS, Long.MAX_VALUE));
    while (true) {
      left.removeIf(kernel -> kernel.run(CALLS, CALLS_NANOS));
      if (left.isEmpty()) {
        return true;
      }
      if (cancelled.getAsBoolean() || System.nanoTime() - start > mostNanos) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** A kernel that is to be compiled. */
  private final class Kernel {

    private final WarmupCalls.Call call;
    private int calls;

    Kernel(WarmupCalls.Call call) {
      this.call = call;
    }

    /** Calls it a few times; whether the last calls allocated nothing. */
    boolean run(int most, long nanos) {
      int quiet = 0;
      long begin = System.nanoTime();
      for (int i = 0; i < most && !cancelled.getAsBoolean(); i++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        call.run(calls++);
        quiet = THREADS.getCurrentThreadAllocatedBytes() == before ? quiet + 1 : 0;
        if (quiet == QUIET_CALLS) {
          return true;
        }
        if (quiet == 0 && System.nanoTime() - begin > nanos) {
          return false;
        }
      }
      return false;
    }
  }
}
