package dev.lanewise.bench.kernel;

/** What one call of a benchmark does, so that its time can be held against the machine's peak. */
public interface Work {

  /** Floating-point multiplications and additions; 0 where they aren't what limits it. */
  double flops();

  /** Bytes that must be read from memory; 0 where they aren't what limits it. */
  double readBytes();

  /** Threads that work together on one call. */
  default int threads() {
    return 1;
  }
}
