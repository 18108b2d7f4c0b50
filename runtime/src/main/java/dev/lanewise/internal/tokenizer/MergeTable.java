package dev.lanewise.internal.tokenizer;

import java.util.Arrays;

/**
 * The merges of a byte-pair encoding: rank and product of a pair of ids. A slot is one long: left
 * id, right id and rank. Immutable once filled.
 */
final class MergeTable {

  /** Ids are below this: two of them and a rank share a long, and no pair looks like EMPTY. */
  static final int MAX_ID = (1 << 21) - 1;

  /** Number of merges is below this. */
  static final int MAX_MERGES = 1 << 22;

  /** Rank of a pair that does not merge; higher than any rank. */
  static final int NONE = Integer.MAX_VALUE;

  private static final long EMPTY = -1;
  private static final int RANK_BITS = 22;
  private static final long MIX = 0x9E3779B97F4A7C15L;
  private static final long SEED = System.nanoTime() * MIX;

  private final long[] slots;
  private final int[] products;
  private final int mask;
  private final int shift;

  MergeTable(int merges) {
    int capacity = Integer.highestOneBit(Math.max(8, merges)) << 2;
    slots = new long[capacity];
    Arrays.fill(slots, EMPTY);
    products = new int[merges];
    mask = capacity - 1;
    shift = 64 - Integer.numberOfTrailingZeros(capacity);
  }

  int size() {
    return products.length;
  }

  /** Adds a merge; of two with one pair, the later holds, as in the reference. */
  void put(int rank, int left, int right, int product) {
    long pair = pair(left, right);
    int slot = slot(pair);
    while (slots[slot] != EMPTY && slots[slot] >>> RANK_BITS != pair) {
      slot = slot + 1 & mask;
    }
    slots[slot] = pair << RANK_BITS | rank;
    products[rank] = product;
  }

  /** The rank of a pair, lower merges first, or {@link #NONE}. */
  int rank(int left, int right) {
    long pair = pair(left, right);
    int slot = slot(pair);
    while (true) {
      long found = slots[slot];
      if (found >>> RANK_BITS == pair) {
        return (int) found & (1 << RANK_BITS) - 1;
      }
      if (found == EMPTY) {
        return NONE;
      }
      slot = slot + 1 & mask;
    }
  }

  /** The id that a merge of this rank makes. */
  int product(int rank) {
    return products[rank];
  }

  private static long pair(int left, int right) {
    return (long) left << 21 | right;
  }

  private int slot(long pair) {
    return (int) (((pair ^ SEED) * MIX) >>> shift);
  }
}
