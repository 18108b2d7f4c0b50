package dev.lanewise.internal.tokenizer;

/** BERT's pre-tokenizer: words between white space, every punctuation sign a word of its own. */
record BertSplit() implements PreTokenizer {

  @Override
  public void split(byte[] bytes, int from, int to, Sink sink) {
    int start = from;
    int i = from;
    while (i < to) {
      byte lead = bytes[i];
      int length = Utf8.length(lead);
      byte kind = lead >= 0 ? BertChars.ofAscii(lead) : BertChars.of(Utf8.codePoint(bytes, i));
      if (kind != BertChars.WORD) {
        if (start < i) {
          sink.word(bytes, start, i);
        }
        start = i + length;
        if (kind == BertChars.PUNCTUATION) {
          sink.word(bytes, i, start);
        }
      }
      i += length;
    }
    if (start < to) {
      sink.word(bytes, start, to);
    }
  }
}
