/**
 * Float kernels of a GPT-class decoder on native memory, scalar and vectorized with the same bits.
 */
module dev.lanewise.kernels {
  requires static jdk.incubator.vector;
  requires static org.jspecify;
  requires jdk.management;

  exports dev.lanewise.kernels;
}
