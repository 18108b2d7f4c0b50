package dev.lanewise.internal.tokenizer;

/** Does not split: a text is one word. */
record WholeText() implements PreTokenizer {

  @Override
  public void split(byte[] bytes, int from, int to, Sink sink) {
    if (from < to) {
      sink.word(bytes, from, to);
    }
  }
}
