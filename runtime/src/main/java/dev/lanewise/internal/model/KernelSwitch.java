package dev.lanewise.internal.model;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Warmup;
import dev.lanewise.loader.ModelConfig;
import java.util.concurrent.TimeUnit;

/**
 * The backend of a model. Where vector kernels were chosen and are still to be compiled, a daemon
 * thread runs them on small data and switches to them when they are; until then the scalar kernels
 * answer, with the same bits. At most one switch. Thread-safe.
 */
final class KernelSwitch implements AutoCloseable {

  /** Whether the vector kernels were run often enough: what one model waited for serves all. */
  private static volatile boolean compiled;

  /**
   * How long the compiler is left to a first call: it needs the scalar kernels first, and a process
   * that has one short text is done by then.
   */
  private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

  private final Kernels chosen;
  private final ModelConfig config;
  private volatile Kernels current;
  private volatile boolean closed;

  private KernelSwitch(Kernels chosen, Kernels current, ModelConfig config) {
    this.chosen = chosen;
    this.current = current;
    this.config = config;
  }

  /** A backend that was demanded: never another. */
  static KernelSwitch fixed(Kernels kernels, ModelConfig config) {
    return new KernelSwitch(kernels, kernels, config);
  }

  /** A backend that may be stood in for while it is compiled, if a processor is free for that. */
  static KernelSwitch warming(Kernels kernels, ModelConfig config) {
    boolean warm =
        compiled || kernels.vectorBits() == 0 || Runtime.getRuntime().availableProcessors() < 2;
    if (warm) {
      return fixed(kernels, config);
    }
    KernelSwitch kernelSwitch = new KernelSwitch(kernels, Kernels.scalar(), config);
    Thread thread = new Thread(kernelSwitch::warmUpLater, "lanewise-warm-up");
    thread.setDaemon(true);
    thread.start();
    return kernelSwitch;
  }

  /** What the next pass runs on. */
  Kernels current() {
    return current;
  }

  /** Whether another backend stands in for the chosen one, and a thread compiles that. */
  boolean isWarming() {
    return !current.equals(chosen);
  }

  /** "vector", "scalar", or "scalar (warming)". */
  String name() {
    Kernels now = current;
    return now.equals(chosen) ? now.name() : now.name() + " (warming)";
  }

  /** Compiles the chosen kernels on the caller's thread, and switches to them. */
  void warmUp() {
    if (!compiled) {
      Warmup.run(chosen, config.activation(), config.headSize(), () -> closed);
    }
    if (!closed) {
      compiled |= chosen.vectorBits() > 0;
      current = chosen;
    }
  }

  private void warmUpLater() {
    long end = System.nanoTime() + DELAY_NANOS;
    synchronized (this) {
      for (long left = DELAY_NANOS; left > 0 && !closed; left = end - System.nanoTime()) {
        try {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        } catch (InterruptedException e) {
          return;
        }
      }
    }
    warmUp();
  }

  /** Ends the thread. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
