package dev.lanewise.internal.tokenizer;

import dev.lanewise.Preprocessing;
import dev.lanewise.Tokenizer;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.MalformedCheckpointException;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a tokenizer's files say, checks that it fits together and makes the tokenizer. The
 * vocabulary comes first, then settings, added tokens and merges in any order.
 */
final class BpeFactory {

  /** Longest piece, in characters. */
  private static final int MAX_PIECE = 1 << 16;

  /** Ids without token that even a small vocabulary may have. */
  private static final int HOLES = 256;

  /** A merge of two pieces. */
  record Merge(String left, String right) {}

  /** The error about a merge: it names the place of its rank. */
  interface MergePlace {
    MalformedCheckpointException error(int rank, String sentence);
  }

  private final JsonObject vocabulary;
  private final Map<String, AddedToken> added = new HashMap<>();
  private final List<AddedToken> addedInOrder = new ArrayList<>();

  /** The highest id of the vocabulary, once it was asked for. */
  private int highest = -1;

  String suffix = "";
  String decodedSuffix = "";
  int unknownId = -1;
  boolean fuseUnknown;
  boolean preferWhole;
  @Nullable TextNormalizer normalizer;
  PreTokenizer preTokenizer = new ByteLevelSplit(false, true);
  Template single = Template.PLAIN;
  @Nullable Template pair;

  BpeFactory(JsonObject vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** The id of a piece of the vocabulary, or -1. */
  int find(String piece) throws MalformedCheckpointException {
    JsonValue id = vocabulary.get(piece);
    return id == null ? -1 : id.asInt();
  }

  /** The id of an added token or piece, or -1. */
  int findAny(String token) throws MalformedCheckpointException {
    AddedToken known = added.get(token);
    return known == null ? find(token) : known.id();
  }

  /**
   * Adds a token that the files give an id.
   *
   * @param place what it was read from, for the error
   */
  void add(AddedToken token, JsonValue place) throws MalformedCheckpointException {
    if (token.content().isEmpty()) {
      throw place.invalid("is an added token without content");
    }
    int inVocabulary = find(token.content());
    if (inVocabulary >= 0 && inVocabulary != token.id()) {
      throw place.invalid(
          "gives id " + token.id() + " to a token that the vocabulary gives " + inVocabulary);
    }
    if (added.putIfAbsent(token.content(), token) != null) {
      throw place.invalid("repeats an added token");
    }
    addedInOrder.add(token);
  }

  /** Makes a token special: a known one keeps its id, a new one gets the next. */
  void addSpecial(String content) throws MalformedCheckpointException {
    AddedToken known = added.get(content);
    if (known == null) {
      int inVocabulary = find(content);
      int id = inVocabulary >= 0 ? inVocabulary : size();
      known = AddedToken.special(id, content);
      addedInOrder.add(known);
    } else if (!known.special()) {
      int at = addedInOrder.indexOf(known);
      known = known.asSpecial();
      addedInOrder.set(at, known);
    }
    added.put(content, known);
  }

  /**
   * One past the highest id. Resized vocabularies have holes; as many as there are tokens are taken
   * for holes, more for a mistake.
   */
  int size() throws MalformedCheckpointException {
    if (highest < 0) {
      for (JsonValue id : vocabulary.members().values()) {
        highest = Math.max(highest, id.asInt());
      }
    }
    int size = highest;
    int tokens = vocabulary.size();
    for (AddedToken token : addedInOrder) {
      size = Math.max(size, token.id());
      tokens += vocabulary.has(token.content()) ? 0 : 1;
    }
    // A hole for each token at most: memory stays in proportion to the file.
    return Math.min(size, 2 * tokens + HOLES) + 1;
  }

  /** The 2018 release's pre-processing belongs to pieces with an end-of-word suffix. */
  void requireNoPreprocessing(Preprocessing preprocessing) throws UnsupportedCheckpointException {
    if (preprocessing == Preprocessing.ORIGINAL) {
      throw new UnsupportedCheckpointException(
          vocabulary.source()
              + ": is byte-level as GPT-2's, to which the original pre-processing of GPT-1 does not"
              + " apply");
    }
  }

  /** The tokenizer of all that was given. */
  Tokenizer create(List<Merge> merges, MergePlace place) throws MalformedCheckpointException {
    PieceTable pieces = pieces();
    MergeTable table = merges(merges, place);
    BpeParts parts =
        new BpeParts(
            pieces,
            table,
            suffix,
            decodedSuffix,
            unknownId,
            fuseUnknown,
            preferWhole,
            normalizer,
            preTokenizer,
            single,
            pair);
    return new BpeTokenizer(parts, addedInOrder);
  }

  private PieceTable pieces() throws MalformedCheckpointException {
    int size = size();
    if (size == 0 || size >= MergeTable.MAX_ID) {
      throw vocabulary.invalid("has " + size + " pieces, expected 1 to " + (MergeTable.MAX_ID - 1));
    }
    PieceTable pieces = new PieceTable(size, 8 * size);
    ByteBuilder bytes = new ByteBuilder(64);
    for (Map.Entry<String, JsonValue> entry : vocabulary.members().entrySet()) {
      JsonValue place = entry.getValue();
      int id = place.asInt();
      checkId(id, size, pieces, place);
      if (entry.getKey().length() > MAX_PIECE) {
        throw place.invalid("is the id of a piece longer than " + MAX_PIECE + " characters");
      }
      put(id, entry.getKey(), bytes, pieces);
    }
    for (AddedToken token : addedInOrder) {
      if (!vocabulary.has(token.content())) {
        checkId(token.id(), size, pieces, vocabulary);
        ByteBuilder key = token.key(normalizer);
        pieces.put(token.id(), key.array, 0, key.size, PieceTable.APART);
      }
    }
    for (int id = 0; id < size; id++) {
      if (!pieces.has(id)) {
        pieces.put(id, new byte[0], 0, 0, PieceTable.APART);
      }
    }
    return pieces;
  }

  private void put(int id, String piece, ByteBuilder bytes, PieceTable pieces) {
    bytes.size = 0;
    int kind = piece.isEmpty() ? PieceTable.APART : BpeParts.toBytes(piece, suffix, bytes);
    pieces.put(id, bytes.array, 0, bytes.size, kind);
  }

  private static void checkId(int id, int size, PieceTable pieces, JsonValue place)
      throws MalformedCheckpointException {
    if (id < 0 || id >= size) {
      throw place.invalid("has an id " + id + ", expected 0 to " + (size - 1));
    }
    if (pieces.has(id)) {
      throw place.invalid("has the id " + id + " of another token");
    }
  }

  private MergeTable merges(List<Merge> merges, MergePlace place)
      throws MalformedCheckpointException {
    if (merges.size() >= MergeTable.MAX_MERGES) {
      throw place.error(
          MergeTable.MAX_MERGES, "is one too many, expected at most " + MergeTable.MAX_MERGES);
    }
    MergeTable table = new MergeTable(merges.size());
    for (int rank = 0; rank < merges.size(); rank++) {
      Merge merge = merges.get(rank);
      int left = find(merge.left());
      int right = find(merge.right());
      if (left < 0 || right < 0) {
        throw place.error(rank, "merges a piece that the vocabulary does not have");
      }
      int product = find(merge.left().concat(merge.right()));
      if (product < 0) {
        throw place.error(rank, "makes a piece that the vocabulary does not have");
      }
      table.put(rank, left, right, product);
    }
    return table;
  }
}
