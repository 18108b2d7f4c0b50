package dev.lanewise.bench.peak;

/**
 * What the machine can do at most, measured.
 *
 * @param threads that worked at the same time
 * @param gflops float32 multiplications and additions a second, in 10^9, an FMA counted as two
 * @param readGigabytes read from memory a second, in 10^9 bytes
 */
public record Peak(int threads, double gflops, double readGigabytes) {}
