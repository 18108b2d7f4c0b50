package dev.lanewise.internal.tokenizer;

import java.util.Arrays;

/**
 * Merges the symbols of one word: always the pair of lowest rank, the leftmost of equals. Mutable
 * buffers of one encode call.
 *
 * <p>Short words walk an array. Long ones ({@value #LONG} symbols and more) keep the candidate
 * pairs in a binary heap over a linked list, so that a run of any length costs n log n.
 */
final class MergeScratch {

  /** From this many symbols on the heap is the faster one. */
  static final int LONG = 48;

  /** Longest word, in symbols: merging takes 32 bytes a symbol. */
  static final int MAX_SYMBOLS = 1 << 22;

  private final MergeTable merges;

  /** Ids of the word: first its characters' or bytes', after {@link #merge} its pieces'. */
  int[] symbols = new int[64];

  private int[] ranks = new int[64];
  private int[] next = new int[0];
  private int[] previous = new int[0];
  private long[] heap = new long[0];
  private int heapSize;

  /** Candidate pairs looked at since the scratch was made: the work, for tests. */
  long steps;

  MergeScratch(MergeTable merges) {
    this.merges = merges;
  }

  /**
   * Makes room for a word.
   *
   * @throws IllegalArgumentException if it is longer than {@link #MAX_SYMBOLS}
   */
  void reserve(int count) {
    if (count > MAX_SYMBOLS) {
      throw new IllegalArgumentException(
          "the text has a word of %d bytes without a break; %d are accepted"
              .formatted(count, MAX_SYMBOLS));
    }
    if (symbols.length < count) {
      symbols = new int[Math.max(count, symbols.length * 2)];
      ranks = new int[symbols.length];
    }
  }

  /** Merges {@code symbols[0, count)} in place and returns how many are left. */
  int merge(int count) {
    if (count < 2) {
      return count;
    }
    return count < LONG ? mergeShort(count) : mergeLong(count);
  }

  /** {@code ranks[i]} is the rank of the pair (i, i + 1). */
  int mergeShort(int count) {
    int[] s = symbols;
    int[] r = ranks;
    int n = count;
    for (int i = 0; i + 1 < n; i++) {
      r[i] = merges.rank(s[i], s[i + 1]);
    }
    while (n > 1) {
      int best = 0;
      int rank = r[0];
      for (int i = 1; i < n - 1; i++) {
        if (r[i] < rank) {
          rank = r[i];
          best = i;
        }
      }
      steps += n;
      if (rank == MergeTable.NONE) {
        break;
      }
      s[best] = merges.product(rank);
      n--;
      for (int i = best + 1; i < n; i++) {
        s[i] = s[i + 1];
        r[i - 1] = r[i];
      }
      if (best > 0) {
        r[best - 1] = merges.rank(s[best - 1], s[best]);
      }
      if (best < n - 1) {
        r[best] = merges.rank(s[best], s[best + 1]);
      }
    }
    return n;
  }

  /** A heap entry is {@code rank << 32 | position}; it is stale once the pair there has changed. */
  int mergeLong(int count) {
    startHeap(count);
    int[] s = symbols;
    int[] r = ranks;
    while (heapSize > 0) {
      long top = pop();
      int at = (int) top;
      int rank = (int) (top >>> 32);
      if (r[at] != rank) {
        continue;
      }
      int right = next[at];
      int after = next[right];
      s[at] = merges.product(rank);
      r[right] = MergeTable.NONE;
      next[at] = after;
      if (after < count) {
        previous[after] = at;
      }
      push(at, after < count ? merges.rank(s[at], s[after]) : MergeTable.NONE);
      if (at > 0) {
        int before = previous[at];
        push(before, merges.rank(s[before], s[at]));
      }
    }
    int n = 0;
    for (int i = 0; i < count; i = next[i]) {
      s[n++] = s[i];
    }
    return n;
  }

  private void startHeap(int count) {
    if (next.length < count) {
      next = new int[count];
      previous = new int[count];
    }
    if (heap.length < count) {
      heap = new long[count];
    }
    heapSize = 0;
    for (int i = 0; i < count; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      int rank = i + 1 < count ? merges.rank(symbols[i], symbols[i + 1]) : MergeTable.NONE;
      ranks[i] = rank;
      if (rank != MergeTable.NONE) {
        heap[heapSize++] = (long) rank << 32 | i;
      }
    }
    for (int i = heapSize / 2 - 1; i >= 0; i--) {
      sink(i);
    }
  }

  private void push(int at, int rank) {
    ranks[at] = rank;
    if (rank == MergeTable.NONE) {
      return;
    }
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, heap.length + (heap.length >> 1) + 8);
    }
    long entry = (long) rank << 32 | at;
    int i = heapSize++;
    while (i > 0) {
      int parent = (i - 1) >> 1;
      steps++;
      if (heap[parent] <= entry) {
        break;
      }
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = entry;
  }

  private long pop() {
    long top = heap[0];
    heap[0] = heap[--heapSize];
    if (heapSize > 1) {
      sink(0);
    }
    return top;
  }

  private void sink(int start) {
    long entry = heap[start];
    int i = start;
    while (true) {
      int child = 2 * i + 1;
      if (child >= heapSize) {
        break;
      }
      steps++;
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= entry) {
        break;
      }
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = entry;
  }
}
