package dev.lanewise.internal.tokenizer;

/**
 * Splits at white space.
 *
 * @param signs whether runs of signs that are no {@code \w} are words of their own ({@code
 *     Whitespace}) or stay where they stand ({@code WhitespaceSplit})
 */
record SpaceSplit(boolean signs) implements PreTokenizer {

  @Override
  public void split(byte[] bytes, int from, int to, Sink sink) {
    int start = from;
    int before = 0;
    int i = from;
    while (i < to) {
      int c = Utf8.codePoint(bytes, i);
      int kind = CharClass.isSpace(c) ? 0 : signs && !CharClass.isWord(c) ? 1 : 2;
      if (kind != before) {
        if (before != 0) {
          sink.word(bytes, start, i);
        }
        start = i;
        before = kind;
      }
      i += Utf8.length(bytes[i]);
    }
    if (before != 0) {
      sink.word(bytes, start, to);
    }
  }
}
