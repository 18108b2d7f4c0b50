package dev.lanewise.kernels.internal.scalar;

/**
 * Heap tiles of one thread. C2 turns plain loops over {@code float[]} into vector code; the same
 * loops on memory segments stay scalar (four times slower, measured on the linear layers of GPT-2
 * small). So tiles of weights and of y are copied here, worked on, and copied back.
 */
final class ScalarScratch {

  private static final ThreadLocal<ScalarScratch> CURRENT =
      ThreadLocal.withInitial(ScalarScratch::new);

  private float[] weights = new float[0];
  private float[] sums = new float[0];
  private float[][] weightRows = new float[0][];
  private float[][] sumRows = new float[0][];

  private ScalarScratch() {}

  static ScalarScratch current() {
    return CURRENT.get();
  }

  /** At least n floats for a tile of weights, keys or values. Allocates only to grow. */
  float[] weights(int n) {
    if (weights.length < n) {
      weights = new float[n];
    }
    return weights;
  }

  /** At least n floats for sums. Allocates only to grow. */
  float[] sums(int n) {
    if (sums.length < n) {
      sums = new float[n];
    }
    return sums;
  }

  /** At least {@code rows} arrays of n floats each. Allocates only to grow. */
  float[][] weightRows(int rows, int n) {
    weightRows = rows(weightRows, rows, n);
    return weightRows;
  }

  /** At least {@code rows} arrays of n floats each. Allocates only to grow. */
  float[][] sumRows(int rows, int n) {
    sumRows = rows(sumRows, rows, n);
    return sumRows;
  }

  private static float[][] rows(float[][] current, int rows, int n) {
    return current.length >= rows && current[0].length >= n ? current : new float[rows][n];
  }
}
