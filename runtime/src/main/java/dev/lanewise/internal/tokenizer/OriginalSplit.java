package dev.lanewise.internal.tokenizer;

import java.util.Locale;

/**
 * The pre-processing of GPT-1's 2018 release: repair, standard form, the words of an English
 * tokenizer, lower case.
 *
 * <p>Source: {@code TextEncoder} of openai/finetune-transformer-lm.
 */
final class OriginalSplit implements PreTokenizer {

  @Override
  public CharSequence prepare(CharSequence text) {
    return TextRepair.pairSurrogates(text);
  }

  @Override
  public void split(byte[] bytes, int from, int to, Sink sink) {
    String text = TextRepair.apply(Utf8.decode(bytes, from, to));
    for (String token : EnglishSplit.tokens(OriginalStandard.apply(text))) {
      ByteBuilder utf8 = Utf8.encode(word(token));
      sink.word(utf8.array, 0, utf8.size);
    }
  }

  /** What is merged for a token. A line feed comes with a space, which the release takes off. */
  static String word(String token) {
    return token.equals("\n ") ? "\n" : token.toLowerCase(Locale.ROOT);
  }
}
