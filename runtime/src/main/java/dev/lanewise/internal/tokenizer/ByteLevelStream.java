package dev.lanewise.internal.tokenizer;

import dev.lanewise.Tokenizer.StreamDecoder;

/** Decodes byte-level ids one by one, holding back the bytes of a character until it is whole. */
final class ByteLevelStream implements StreamDecoder {

  private final BpeTokenizer tokenizer;
  private final boolean skipSpecials;
  private final ByteBuilder pending = new ByteBuilder(32);

  ByteLevelStream(BpeTokenizer tokenizer, boolean skipSpecials) {
    this.tokenizer = tokenizer;
    this.skipSpecials = skipSpecials;
  }

  @Override
  public String next(int id) {
    if (tokenizer.isSpecial(id) && skipSpecials) {
      return "";
    }
    tokenizer.appendBytes(id, pending);
    return take(pending.size - Utf8.incompleteTail(pending.array, pending.size));
  }

  @Override
  public String finish() {
    return take(pending.size);
  }

  private String take(int count) {
    String text = Utf8.decode(pending.array, 0, count);
    System.arraycopy(pending.array, count, pending.array, 0, pending.size - count);
    pending.size -= count;
    return text;
  }
}
