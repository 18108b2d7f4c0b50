package dev.lanewise.internal.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Byte-pair encoding of one word: its symbols, merged in the order of the merges.
 *
 * <p>A word that is a piece itself is nearly always that one token. Whether it is depends on the
 * merges alone, so the answer is found out once a piece and kept in one byte: a cache that cannot
 * grow and needs no lock (threads may find out twice, always the same).
 *
 * <p>Source: "Neural Machine Translation of Rare Words with Subword Units" (Sennrich et al. 2016),
 * algorithm 1. Thread-safe.
 */
final class BpeModel {

  private static final byte UNTRIED = 0;
  private static final byte WHOLE = 1;
  private static final byte MERGED = 2;

  private static final int NO_SYMBOL = -1;

  private final PieceTable pieces;
  private final MergeTable merges;

  /** Symbols are bytes; otherwise characters, the last one with an end-of-word suffix. */
  private final boolean byteLevel;

  private final int unknownId;
  private final boolean fuseUnknown;

  /** Symbol of each byte, or of each ASCII character inside a word. */
  private final int[] inner = new int[256];

  /** Symbol of each ASCII character at the end of a word. */
  private final int[] last = new int[128];

  private final byte[] whole;

  /**
   * A model.
   *
   * @param unknownId id of a symbol that is no piece, or -1: such symbols are left out, as the
   *     reference does
   * @param fuseUnknown whether unknown symbols side by side are one token
   * @param mergedAnyway null, or if a word that is a piece is not merged ({@code ignore_merges}),
   *     the pieces that are all the same: nobody may write a control token that way
   */
  BpeModel(
      PieceTable pieces,
      MergeTable merges,
      boolean byteLevel,
      int unknownId,
      boolean fuseUnknown,
      @Nullable BitSet mergedAnyway) {
    this.pieces = pieces;
    this.merges = merges;
    this.byteLevel = byteLevel;
    this.unknownId = unknownId;
    this.fuseUnknown = fuseUnknown;
    byte[] symbol = new byte[1 + ByteBuilder.PADDING];
    for (int b = 0; b < 256; b++) {
      symbol[0] = (byte) b;
      inner[b] = b < 128 || byteLevel ? pieces.find(symbol, 0, 1, PieceTable.PLAIN) : NO_SYMBOL;
      if (b < 128) {
        last[b] = pieces.find(symbol, 0, 1, PieceTable.END);
      }
    }
    whole = new byte[pieces.size()];
    if (mergedAnyway != null) {
      Arrays.fill(whole, WHOLE);
      mergedAnyway.stream().forEach(id -> whole[id] = MERGED);
    }
  }

  /** Buffers for the calls of one thread. */
  MergeScratch newScratch() {
    return new MergeScratch(merges);
  }

  /**
   * Appends the ids of the word {@code bytes[from, to)}.
   *
   * @param bytes valid UTF-8, with {@link ByteBuilder#PADDING} bytes after the word
   */
  void encode(byte[] bytes, int from, int to, MergeScratch scratch, IntBuilder ids) {
    int id = pieces.find(bytes, from, to - from, byteLevel ? PieceTable.PLAIN : PieceTable.END);
    if (id >= 0 && whole[id] == WHOLE) {
      ids.add(id);
    } else {
      merge(bytes, from, to, id, scratch, ids);
    }
  }

  private void merge(
      byte[] bytes, int from, int to, int wordId, MergeScratch scratch, IntBuilder ids) {
    scratch.reserve(to - from);
    int count =
        byteLevel
            ? byteSymbols(bytes, from, to, scratch.symbols)
            : characterSymbols(bytes, from, to, scratch.symbols);
    count = scratch.merge(count);
    if (wordId >= 0 && whole[wordId] == UNTRIED) {
      whole[wordId] = count == 1 && scratch.symbols[0] == wordId ? WHOLE : MERGED;
    }
    ids.addAll(scratch.symbols, count);
  }

  private int byteSymbols(byte[] bytes, int from, int to, int[] symbols) {
    int count = 0;
    boolean unknownBefore = false;
    for (int i = from; i < to; i++) {
      int id = inner[bytes[i] & 0xFF];
      if (id >= 0) {
        symbols[count++] = id;
      } else if (unknownId >= 0 && !(fuseUnknown && unknownBefore)) {
        symbols[count++] = unknownId;
      }
      unknownBefore = id < 0;
    }
    return count;
  }

  private int characterSymbols(byte[] bytes, int from, int to, int[] symbols) {
    int count = 0;
    boolean unknownBefore = false;
    int i = from;
    while (i < to) {
      int length = Utf8.length(bytes[i]);
      boolean end = i + length == to;
      int id;
      if (length == 1) {
        id = end ? last[bytes[i]] : inner[bytes[i]];
      } else {
        id = pieces.find(bytes, i, length, end ? PieceTable.END : PieceTable.PLAIN);
      }
      if (id >= 0) {
        symbols[count++] = id;
      } else if (unknownId >= 0 && !(fuseUnknown && unknownBefore)) {
        symbols[count++] = unknownId;
      }
      unknownBefore = id < 0;
      i += length;
    }
    return count;
  }
}
