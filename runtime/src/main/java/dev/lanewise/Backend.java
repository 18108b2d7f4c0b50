package dev.lanewise;

/**
 * What a model computes with.
 *
 * @param name {@code vector} or {@code scalar}; {@code scalar (warming)} while the vector kernels
 *     are compiled in the background
 * @param vectorBits width of a vector, 0 for scalar
 * @param fma whether multiply and add round once; decides the bits of results
 * @param threads that one call may use
 */
public record Backend(String name, int vectorBits, boolean fma, int threads) {

  /** "vector, 512 bits, FMA, 2 threads". */
  @Override
  public String toString() {
    return name
        + (vectorBits == 0 ? "" : ", " + vectorBits + " bits")
        + (fma ? ", FMA" : ", no FMA")
        + (threads == 1 ? ", 1 thread" : ", " + threads + " threads");
  }
}
