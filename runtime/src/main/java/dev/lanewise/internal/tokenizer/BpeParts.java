package dev.lanewise.internal.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What a tokenizer is made of, as its files say.
 *
 * @param suffix end of the pieces that end a word; empty means byte-level
 * @param decodedSuffix what decoding replaces by a space
 * @param unknownId id of a symbol that is no piece, or -1
 * @param fuseUnknown whether unknown symbols side by side are one token
 * @param preferWhole whether a word that is a piece is never merged
 * @param normalizer null where text stays as it is
 * @param pair null where the files have no template for two texts
 */
record BpeParts(
    PieceTable pieces,
    MergeTable merges,
    String suffix,
    String decodedSuffix,
    int unknownId,
    boolean fuseUnknown,
    boolean preferWhole,
    @Nullable TextNormalizer normalizer,
    PreTokenizer preTokenizer,
    Template single,
    @Nullable Template pair) {

  boolean byteLevel() {
    return suffix.isEmpty();
  }

  BpeModel newModel(BitSet specials) {
    return new BpeModel(
        pieces, merges, byteLevel(), unknownId, fuseUnknown, preferWhole ? specials : null);
  }

  /** The id of a piece as the vocabulary spells it, or -1. */
  int find(String piece) {
    ByteBuilder bytes = new ByteBuilder(4 * piece.length());
    int kind = toBytes(piece, suffix, bytes);
    return kind == PieceTable.APART ? -1 : pieces.find(bytes.array, 0, bytes.size, kind);
  }

  /** Appends the bytes of a piece as the vocabulary spells it and returns its kind. */
  static int toBytes(String piece, String suffix, ByteBuilder out) {
    if (suffix.isEmpty() && ByteAlphabet.bytesOf(piece, out)) {
      return PieceTable.PLAIN;
    }
    boolean end = !suffix.isEmpty() && piece.endsWith(suffix);
    String stem = end ? piece.substring(0, piece.length() - suffix.length()) : piece;
    byte[] utf8 = stem.getBytes(StandardCharsets.UTF_8);
    out.add(utf8, 0, utf8.length);
    return end ? PieceTable.END : suffix.isEmpty() ? PieceTable.APART : PieceTable.PLAIN;
  }
}
