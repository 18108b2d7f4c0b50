package dev.lanewise.internal.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The pieces of a vocabulary by id, and the ids by their bytes: one pool of bytes and one open hash
 * table, nothing but primitive arrays.
 *
 * <p>A table slot is two longs side by side: the piece's first eight bytes, and {@code (length, end
 * flag, id + 1)}; a piece of up to eight bytes is found without touching the pool. Immutable once
 * filled.
 */
final class PieceTable {

  /** The piece may stand anywhere in a word. */
  static final int PLAIN = 0;

  /** The piece ends a word; its bytes are without the end-of-word suffix. */
  static final int END = 1;

  /** The piece is not found by bytes: an added token, or not spelled in the byte alphabet. */
  static final int APART = 2;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MIX = 0x9E3779B97F4A7C15L;

  /** Differs from run to run, so that no file can be made of pieces that collide. */
  private static final long SEED = System.nanoTime() * MIX;

  private final ByteBuilder pool;
  private final int[] starts;
  private final int[] lengths;
  private final byte[] kinds;
  private final long[] slots;
  private final int mask;

  /** An empty table for ids below {@code size}. */
  PieceTable(int size, int poolBytes) {
    pool = new ByteBuilder(poolBytes);
    starts = new int[size];
    lengths = new int[size];
    kinds = new byte[size];
    Arrays.fill(lengths, -1);
    int capacity = Integer.highestOneBit(Math.max(8, size)) << 2;
    slots = new long[2 * capacity];
    mask = capacity - 1;
  }

  int size() {
    return starts.length;
  }

  boolean has(int id) {
    return lengths[id] >= 0;
  }

  /**
   * Gives an id its piece. A later piece with the same bytes and kind is not found by {@link
   * #find}; vocabularies have none.
   */
  void put(int id, byte[] bytes, int from, int to, int kind) {
    starts[id] = pool.size;
    lengths[id] = to - from;
    kinds[id] = (byte) kind;
    pool.add(bytes, from, to);
    if (kind != APART) {
      byte[] stored = pool.array;
      int length = to - from;
      long first = first(stored, starts[id], length);
      int slot = slot(stored, starts[id], length, first, kind);
      while (slots[2 * slot + 1] != 0) {
        slot = slot + 1 & mask;
      }
      slots[2 * slot] = first;
      slots[2 * slot + 1] = meta(length, kind) | id + 1;
    }
  }

  /**
   * The id of a piece, or -1.
   *
   * @param bytes holds {@code [from, from + length)} and {@link ByteBuilder#PADDING} bytes more
   * @param kind {@link #PLAIN} or {@link #END}
   */
  int find(byte[] bytes, int from, int length, int kind) {
    long first = first(bytes, from, length);
    long meta = meta(length, kind);
    int slot = slot(bytes, from, length, first, kind);
    while (true) {
      long found = slots[2 * slot + 1];
      if (found == 0) {
        return -1;
      }
      if (slots[2 * slot] == first && (found & 0xFFFF_FFFF_0000_0000L) == meta) {
        int id = (int) found - 1;
        if (length <= 8 || sameTail(bytes, from, length, starts[id])) {
          return id;
        }
      }
      slot = slot + 1 & mask;
    }
  }

  private boolean sameTail(byte[] bytes, int from, int length, int start) {
    return Arrays.equals(bytes, from + 8, from + length, pool.array, start + 8, start + length);
  }

  private static long meta(int length, int kind) {
    return (long) (length << 1 | kind) << 32;
  }

  private static long first(byte[] bytes, int from, int length) {
    long word = (long) LONGS.get(bytes, from);
    return length >= 8 ? word : word & (1L << (8 * length)) - 1;
  }

  private int slot(byte[] bytes, int from, int length, long first, int kind) {
    long hash = (first ^ SEED ^ (length << 1 | kind)) * MIX;
    int at = 8;
    while (at < length) {
      long word = at + 8 <= length ? (long) LONGS.get(bytes, from + at) : tail(bytes, from, length);
      hash = (hash ^ hash >>> 29 ^ word) * MIX;
      at += 8;
    }
    hash ^= hash >>> 32;
    return (int) ((hash * MIX) >>> 33) & mask;
  }

  /** The last eight bytes of a piece longer than eight. */
  private static long tail(byte[] bytes, int from, int length) {
    return (long) LONGS.get(bytes, from + length - 8);
  }

  int kind(int id) {
    return kinds[id];
  }

  /** Appends a piece's bytes, without suffix. */
  void copy(int id, ByteBuilder out) {
    out.add(pool.array, starts[id], starts[id] + lengths[id]);
  }
}
