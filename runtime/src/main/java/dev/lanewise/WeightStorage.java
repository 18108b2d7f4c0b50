package dev.lanewise;

/** Where a model's weights are read from. Results are the same bits. */
public enum WeightStorage {
  /**
   * Copied into the order in which the vector kernels read them, once, when those are first used;
   * the file's pages are let go then. As much memory as the matrices have, not shared with other
   * processes. The default. Scalar kernels read the file.
   */
  PACKED,

  /** In the mapped file: shared by all processes that open it, and given back under pressure. */
  MAPPED,

  /**
   * Read when the model is opened, and nothing stays mapped: for files that somebody else may cut
   * or overwrite, which a JVM that has them mapped does not survive. Then as PACKED; for a moment
   * the matrices are there twice.
   */
  COPIED
}
