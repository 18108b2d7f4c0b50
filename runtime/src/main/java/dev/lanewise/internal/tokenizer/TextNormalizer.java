package dev.lanewise.internal.tokenizer;

/** Rewrites text before it is split. Immutable. */
interface TextNormalizer {

  /** Appends the normal form of {@code bytes[from, to)}, valid UTF-8, to {@code out}. */
  void normalize(byte[] bytes, int from, int to, ByteBuilder out);

  /** Two normalizers in a row. */
  record Chain(TextNormalizer first, TextNormalizer second) implements TextNormalizer {
    @Override
    public void normalize(byte[] bytes, int from, int to, ByteBuilder out) {
      ByteBuilder between = new ByteBuilder(to - from);
      first.normalize(bytes, from, to, between);
      second.normalize(between.array, 0, between.size, out);
    }
  }
}
