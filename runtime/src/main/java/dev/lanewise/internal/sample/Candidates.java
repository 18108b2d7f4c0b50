package dev.lanewise.internal.sample;

/**
 * Tokens that may be drawn, with their weights: probabilities but for a common factor. All sums are
 * doubles in the order of the candidates, and exp is {@link StrictMath}'s, so that they are the
 * same on every machine. Allocates nothing once made. Not thread-safe.
 */
final class Candidates {

  private final int[] ids;
  private final double[] weights;

  /** The logarithm of the weight; a filter may put the key there that it orders by. */
  private final double[] keys;

  private int size;

  Candidates(int capacity) {
    this.ids = new int[capacity];
    this.weights = new double[capacity];
    this.keys = new double[capacity];
  }

  /** Number of candidates. */
  int size() {
    return size;
  }

  /** The id of a candidate. */
  int id(int i) {
    return ids[i];
  }

  /** The weight of a candidate, 0 to 1; the likeliest one's is 1. */
  double weight(int i) {
    return weights[i];
  }

  /** The sum of the weights. */
  double sum() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += weights[i];
    }
    return sum;
  }

  double key(int i) {
    return keys[i];
  }

  void key(int i, double key) {
    keys[i] = key;
  }

  /**
   * Begins with the tokens of the greatest scores, or with all in the order of their ids where
   * there is room for all; weights are exp((score - max) / temperature). Excluded tokens are none.
   */
  void begin(double[] scores, double max, double temperature) {
    if (ids.length == scores.length) {
      for (int id = 0; id < ids.length; id++) {
        ids[id] = id;
      }
    } else {
      TopK.select(scores, ids, ids.length);
    }
    size = 0;
    for (int id : ids) {
      double score = scores[id];
      if (score > Double.NEGATIVE_INFINITY) {
        double key = (score - max) / temperature;
        ids[size] = id;
        keys[size] = key;
        weights[size] = StrictMath.exp(key);
        size++;
      }
    }
  }

  /** Keeps the candidates of this weight or more, in their order. */
  void keepFrom(double weight) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (weights[i] >= weight) {
        ids[kept] = ids[i];
        weights[kept] = weights[i];
        keys[kept] = keys[i];
        kept++;
      }
    }
    size = kept;
  }

  /**
   * Keeps the candidates of the greatest keys, the greatest first, equal ones by id: as few as have
   * {@code mass} of the sum of weights together, at least one. Only those are sorted, by a heap.
   */
  void keepGreatestKeys(double mass) {
    double wanted = mass * sum();
    for (int i = size / 2 - 1; i >= 0; i--) {
      siftDown(i, size);
    }
    double have = 0;
    int left = size;
    do {
      have += weights[0];
      left--;
      swap(0, left);
      siftDown(0, left);
    } while (left > 0 && have < wanted);
    // The first that left the heap lies at the end.
    for (int i = 0, j = size - 1; i < j; i++, j--) {
      swap(i, j);
    }
    size -= left;
  }

  /**
   * Draws one.
   *
   * @param uniform from 0 to below 1
   */
  int draw(double uniform) {
    double left = uniform * sum();
    int last = 0;
    for (int i = 0; i < size; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          break;
        }
      }
    }
    return ids[last];
  }

  private void siftDown(int root, int limit) {
    int at = root;
    for (int child = 2 * at + 1; child < limit; child = 2 * at + 1) {
      if (child + 1 < limit && before(child + 1, child)) {
        child++;
      }
      if (!before(child, at)) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private boolean before(int i, int j) {
    return keys[i] > keys[j] || (keys[i] == keys[j] && ids[i] < ids[j]);
  }

  private void swap(int i, int j) {
    int id = ids[i];
    ids[i] = ids[j];
    ids[j] = id;
    double weight = weights[i];
    weights[i] = weights[j];
    weights[j] = weight;
    double key = keys[i];
    keys[i] = keys[j];
    keys[j] = key;
  }
}
