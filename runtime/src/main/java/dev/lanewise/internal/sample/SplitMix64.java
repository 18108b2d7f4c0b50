package dev.lanewise.internal.sample;

/**
 * Random numbers by SplitMix64 ("Fast Splittable Pseudorandom Number Generators", Steele et al.
 * 2014, with the mixing constants of Stafford's variant 13). Written down here because a seed has
 * to give the same text with every release of Java. Not thread-safe.
 */
public final class SplitMix64 {

  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** Begins the sequence of a seed. */
  public SplitMix64(long seed) {
    this.state = seed;
  }

  /** The next 64 bits. */
  public long nextLong() {
    state += GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A number from 0 to below 1, a multiple of 2^-53. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }
}
