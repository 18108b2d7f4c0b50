package dev.lanewise.internal.tokenizer;

/** Splits text into the words that are encoded one by one. Immutable. */
interface PreTokenizer {

  /** Takes words: {@code bytes[from, to)}, valid UTF-8, never empty. */
  interface Sink {
    /** One word; the array may be another one than was split, and is read at once. */
    void word(byte[] bytes, int from, int to);
  }

  /**
   * A text as it must be before it is UTF-8; unchanged, but where unpaired surrogates are taken.
   */
  default CharSequence prepare(CharSequence text) {
    return text;
  }

  /** Hands the words of {@code bytes[from, to)} to {@code sink}, in order. */
  void split(byte[] bytes, int from, int to, Sink sink);

  /** Two splitters in a row: the second splits every word of the first. */
  record Chain(PreTokenizer first, PreTokenizer second) implements PreTokenizer {
    @Override
    public void split(byte[] bytes, int from, int to, Sink sink) {
      first.split(bytes, from, to, (b, start, end) -> second.split(b, start, end, sink));
    }
  }
}
