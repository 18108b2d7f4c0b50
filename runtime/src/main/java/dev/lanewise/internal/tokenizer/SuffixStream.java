package dev.lanewise.internal.tokenizer;

import dev.lanewise.Tokenizer.StreamDecoder;

/**
 * Decodes pieces with an end-of-word suffix one by one: the suffix is a space, but nothing at the
 * end of the text, so that it waits for the next piece.
 */
final class SuffixStream implements StreamDecoder {

  private final BpeTokenizer tokenizer;
  private final String suffix;
  private final boolean skipSpecials;

  /** The last piece from its first suffix on, or empty. */
  private String waiting = "";

  SuffixStream(BpeTokenizer tokenizer, String suffix, boolean skipSpecials) {
    this.tokenizer = tokenizer;
    this.suffix = suffix;
    this.skipSpecials = skipSpecials;
  }

  @Override
  public String next(int id) {
    if (tokenizer.isSpecial(id) && skipSpecials) {
      return "";
    }
    String before = waiting.replace(suffix, " ");
    String piece = tokenizer.token(id);
    int at = piece.indexOf(suffix);
    waiting = at < 0 ? "" : piece.substring(at);
    return before + (at < 0 ? piece : piece.substring(0, at));
  }

  @Override
  public String finish() {
    String rest = waiting.replace(suffix, "");
    waiting = "";
    return rest;
  }
}
