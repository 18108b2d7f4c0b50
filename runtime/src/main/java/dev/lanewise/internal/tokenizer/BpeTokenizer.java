package dev.lanewise.internal.tokenizer;

import dev.lanewise.Tokenizer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A byte-pair-encoding tokenizer, put together from its parts. Text goes through them in this
 * order: added tokens that are looked for as they stand; normalizer; added tokens that are looked
 * for in normal form; pre-tokenizer; pieces and merges; template.
 *
 * <p>Immutable and thread-safe; the buffers of a call belong to it.
 */
final class BpeTokenizer implements Tokenizer {

  private static final int[] NO_IDS = {};

  private final BpeParts parts;
  private final BpeModel model;
  private final TokenFinder rawTokens;
  private final TokenFinder normalizedTokens;
  private final BitSet specials = new BitSet();

  /** Ids of what the piece table does not find. */
  private final Map<String, Integer> apart = new HashMap<>();

  BpeTokenizer(BpeParts parts, List<AddedToken> tokens) {
    this.parts = parts;
    List<TokenFinder.Entry> raw = new ArrayList<>();
    List<TokenFinder.Entry> normalized = new ArrayList<>();
    for (AddedToken token : tokens) {
      apart.put(token.content(), token.id());
      if (token.special()) {
        specials.set(token.id());
      }
      (token.normalized() ? normalized : raw)
          .add(new TokenFinder.Entry(token.key(parts.normalizer()), token));
    }
    for (int id = 0; id < parts.pieces().size(); id++) {
      // A hole in the vocabulary has no text, and is nobody's id.
      if (parts.pieces().kind(id) == PieceTable.APART && !token(id).isEmpty()) {
        apart.putIfAbsent(token(id), id);
      }
    }
    rawTokens = new TokenFinder(raw);
    normalizedTokens = new TokenFinder(normalized);
    model = parts.newModel(specials);
  }

  @Override
  public int vocabSize() {
    return parts.pieces().size();
  }

  @Override
  public int[] encode(CharSequence text, Specials specials, boolean template) {
    int[] ids = ids(text, specials);
    return template ? parts.single().apply(ids, NO_IDS) : ids;
  }

  @Override
  public int[] encodePair(CharSequence first, CharSequence second, Specials specials) {
    Template pair = parts.pair();
    if (pair == null) {
      throw new IllegalArgumentException(
          "the tokenizer has no template for pairs; join the ids of both texts yourself");
    }
    return pair.apply(ids(first, specials), ids(second, specials));
  }

  private int[] ids(CharSequence text, Specials specials) {
    ByteBuilder bytes = Utf8.encode(parts.preTokenizer().prepare(text));
    Encoding encoding = new Encoding(specials == Specials.PARSE, bytes.size / 3 + 8);
    rawTokens.split(bytes.array, 0, bytes.size, encoding.parse, encoding.raw);
    return encoding.ids.toArray();
  }

  /** Ids of one word, as a pre-tokenizer hands it over. */
  int[] encodeWord(String word) {
    ByteBuilder bytes = Utf8.encode(word);
    IntBuilder ids = new IntBuilder(8);
    model.encode(bytes.array, 0, bytes.size, model.newScratch(), ids);
    return ids.toArray();
  }

  /** One call: its buffers, and its place between the stages. */
  private final class Encoding implements TokenFinder.Sink, PreTokenizer.Sink {

    final boolean parse;
    final IntBuilder ids;
    final MergeScratch scratch = model.newScratch();
    private @Nullable ByteBuilder normal;

    /** Takes what is left between tokens of the text as it stands. */
    final TokenFinder.Sink raw =
        new TokenFinder.Sink() {
          @Override
          public void text(byte[] bytes, int from, int to) {
            normalize(bytes, from, to);
          }

          @Override
          public void token(int id) {
            ids.add(id);
          }
        };

    Encoding(boolean parse, int capacity) {
      this.parse = parse;
      ids = new IntBuilder(capacity);
    }

    private void normalize(byte[] bytes, int from, int to) {
      TextNormalizer normalizer = parts.normalizer();
      if (normalizer == null) {
        normalizedTokens.split(bytes, from, to, parse, this);
        return;
      }
      ByteBuilder out = normal;
      if (out == null) {
        normal = out = new ByteBuilder(to - from);
      }
      out.size = 0;
      normalizer.normalize(bytes, from, to, out);
      normalizedTokens.split(out.array, 0, out.size, parse, this);
    }

    @Override
    public void text(byte[] bytes, int from, int to) {
      parts.preTokenizer().split(bytes, from, to, this);
    }

    @Override
    public void token(int id) {
      ids.add(id);
    }

    @Override
    public void word(byte[] bytes, int from, int to) {
      model.encode(bytes, from, to, scratch, ids);
    }
  }

  @Override
  public String decode(int[] ids, boolean skipSpecials) {
    if (!parts.byteLevel()) {
      StreamDecoder stream = streamDecoder(skipSpecials);
      StringBuilder text = new StringBuilder();
      for (int id : ids) {
        text.append(stream.next(id));
      }
      return text.append(stream.finish()).toString();
    }
    ByteBuilder bytes = new ByteBuilder(4 * ids.length);
    for (int id : ids) {
      if (!(isSpecial(id) && skipSpecials)) {
        appendBytes(id, bytes);
      }
    }
    return Utf8.decode(bytes.array, 0, bytes.size);
  }

  @Override
  public StreamDecoder streamDecoder(boolean skipSpecials) {
    return parts.byteLevel()
        ? new ByteLevelStream(this, skipSpecials)
        : new SuffixStream(this, parts.decodedSuffix(), skipSpecials);
  }

  /** Appends the bytes that a token stands for, without end-of-word suffix. */
  void appendBytes(int id, ByteBuilder out) {
    parts.pieces().copy(check(id), out);
  }

  @Override
  public String token(int id) {
    ByteBuilder bytes = new ByteBuilder(16);
    appendBytes(id, bytes);
    int kind = parts.pieces().kind(id);
    if (parts.byteLevel() && kind != PieceTable.APART) {
      return ByteAlphabet.spell(bytes.array, 0, bytes.size);
    }
    String text = Utf8.decode(bytes.array, 0, bytes.size);
    return kind == PieceTable.END ? text + parts.suffix() : text;
  }

  @Override
  public OptionalInt id(String token) {
    Integer known = apart.get(token);
    int id = known != null ? known : parts.find(token);
    return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public boolean isSpecial(int id) {
    return specials.get(check(id));
  }

  private int check(int id) {
    if (id < 0 || id >= vocabSize()) {
      throw new IllegalArgumentException(
          "token id %d is out of range: the vocabulary has %d ids, 0 to %d"
              .formatted(id, vocabSize(), vocabSize() - 1));
    }
    return id;
  }

  @Override
  public String kind() {
    return parts.byteLevel() ? "byte-level BPE" : "BPE with end-of-word suffix";
  }

  @Override
  public String toString() {
    return kind() + ", " + vocabSize() + " ids";
  }
}
