package dev.lanewise.internal.sample;

/**
 * The k likeliest tokens ("Hierarchical Neural Story Generation", Fan et al. 2018, 5.4); of equal
 * ones at the border those with the lower ids, so that there are never more than k.
 */
final class TopK {

  private TopK() {}

  /**
   * Fills {@code ids} with those of the greatest scores, the greatest first, equal ones by id. A
   * bounded heap, whose root is the least likely of its tokens, sees each score once.
   */
  static void select(double[] scores, int[] ids, int k) {
    for (int id = 0; id < k; id++) {
      ids[id] = id;
    }
    for (int i = k / 2 - 1; i >= 0; i--) {
      siftDown(scores, ids, i, k);
    }
    for (int id = k; id < scores.length; id++) {
      if (before(scores, id, ids[0])) {
        ids[0] = id;
        siftDown(scores, ids, 0, k);
      }
    }
    for (int size = k - 1; size > 0; size--) {
      int least = ids[0];
      ids[0] = ids[size];
      ids[size] = least;
      siftDown(scores, ids, 0, size);
    }
  }

  private static void siftDown(double[] scores, int[] ids, int root, int size) {
    int at = root;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(scores, ids[child], ids[child + 1])) {
        child++;
      }
      if (!before(scores, ids[at], ids[child])) {
        return;
      }
      int id = ids[at];
      ids[at] = ids[child];
      ids[child] = id;
      at = child;
    }
  }

  /** Whether {@code a} is likelier than {@code b}; equal ones by id. */
  private static boolean before(double[] scores, int a, int b) {
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
  }
}
