package dev.lanewise.kernels.internal;

/** The 16 virtual lanes that every sum of a row is taken in, whatever the width of a vector. */
public final class Lanes {

  /** How many. Part of the arithmetic: changing it changes bits. */
  public static final int COUNT = 16;

  private Lanes() {}

  /**
   * The lanes {@code l[at] .. l[at + 15]} added as a tree: halves of 8, 4, 2, 1.
   *
   * <p>Scalar on purpose, and shared by the backends: 15 additions beside a row of hundreds of
   * values, and no order of {@code reduceLanes} to trust.
   */
  public static float sum(float[] l, int at) {
    float s0 = (l[at] + l[at + 8]) + (l[at + 4] + l[at + 12]);
    float s1 = (l[at + 1] + l[at + 9]) + (l[at + 5] + l[at + 13]);
    float s2 = (l[at + 2] + l[at + 10]) + (l[at + 6] + l[at + 14]);
    float s3 = (l[at + 3] + l[at + 11]) + (l[at + 7] + l[at + 15]);
    return (s0 + s2) + (s1 + s3);
  }
}
