package dev.lanewise.internal.model;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Warmup;
import dev.lanewise.loader.ModelConfig;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The backend of a model. Where vector kernels were chosen and are still to be compiled, a daemon
 * thread runs them on small data and switches to them when they are; until then the scalar kernels
 * answer, with the same bits. At most one switch. Thread-safe.
 */
final class KernelSwitch implements AutoCloseable {

  /**
   * What was compiled in this JVM, for whichever model. To the compiler mapped memory is another
   * kind than allocated, and each layout and activation has kernels of its own.
   */
  private record Code(int vectorBits, Activation activation, boolean mapped, Set<DType> types) {}

  private static final Set<Code> COMPILED = ConcurrentHashMap.newKeySet();

  private static final Object COMPILING = new Object();

  /**
   * How long the compiler is left to a first call: it needs the scalar kernels first, and a process
   * that has one short text is done by then.
   */
  private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

  private final Kernels chosen;
  private final ModelConfig config;
  private final Supplier<List<Matrix>> weights;
  private final Code code;
  private volatile Kernels current;
  private volatile boolean closed;

  /**
   * A switch that stands at {@code current}.
   *
   * @param mapped whether vector kernels read weights in the mapped file
   * @param types of the weights
   * @param weights gets weights ready for the vector kernels, and gives a matrix of each layout
   */
  private KernelSwitch(
      Kernels chosen,
      Kernels current,
      ModelConfig config,
      boolean mapped,
      Set<DType> types,
      Supplier<List<Matrix>> weights) {
    this.chosen = chosen;
    this.current = current;
    this.config = config;
    this.weights = weights;
    this.code = new Code(chosen.vectorBits(), config.activation(), mapped, types);
  }

  /** A backend that was demanded: never another. Parameters as of the constructor. */
  static KernelSwitch fixed(
      Kernels kernels,
      ModelConfig config,
      boolean mapped,
      Set<DType> types,
      Supplier<List<Matrix>> weights) {
    return new KernelSwitch(kernels, kernels, config, mapped, types, weights);
  }

  /** A backend that may be stood in for while it is compiled, if a processor is free for that. */
  static KernelSwitch warming(
      Kernels kernels,
      ModelConfig config,
      boolean mapped,
      Set<DType> types,
      Supplier<List<Matrix>> weights) {
    KernelSwitch ready = fixed(kernels, config, mapped, types, weights);
    if (COMPILED.contains(ready.code)
        || kernels.vectorBits() == 0
        || Runtime.getRuntime().availableProcessors() < 2) {
      return ready;
    }
    KernelSwitch kernelSwitch =
        new KernelSwitch(kernels, Kernels.scalar(), config, mapped, types, weights);
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

  /**
   * Compiles the chosen kernels on the caller's thread, and switches to them; after ten seconds in
   * any case, for then most are compiled, and real calls bring on the rest. One thread at a time: a
   * second one would only take the processor from the first and from the compiler.
   */
  void warmUp() {
    synchronized (COMPILING) {
      if (closed) {
        return;
      }
      List<Matrix> matrices = weights.get();
      if (!COMPILED.contains(code)) {
        Warmup.run(chosen, config.activation(), config.headSize(), matrices, () -> closed);
      }
      if (!closed) {
        COMPILED.add(code);
        current = chosen;
      }
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
    try {
      warmUp();
    } catch (IllegalStateException e) {
      // The weights went away under the kernels: the model was closed.
      if (!closed) {
        throw e;
      }
    }
  }

  /** Ends the thread. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
