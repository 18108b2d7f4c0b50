package dev.lanewise.internal.tokenizer;

import org.jspecify.annotations.Nullable;

/**
 * A token that is found in the text itself, before words and merges.
 *
 * @param content the text that it is found by
 * @param singleWord only where no word character touches it
 * @param lstrip whether white space before it belongs to it
 * @param rstrip whether white space after it belongs to it
 * @param normalized whether it is looked for in the normalized text, in normal form itself
 * @param special whether it is a control token
 */
record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {

  /** A control token without flags. */
  static AddedToken special(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, true);
  }

  /** This token as a control token. */
  AddedToken asSpecial() {
    return new AddedToken(id, content, singleWord, lstrip, rstrip, normalized, true);
  }

  /** The bytes that it is found by and decodes to: its content, in normal form if so wanted. */
  ByteBuilder key(@Nullable TextNormalizer normalizer) {
    ByteBuilder bytes = Utf8.encode(content);
    if (normalizer == null || !normalized) {
      return bytes;
    }
    ByteBuilder normal = new ByteBuilder(bytes.size);
    normalizer.normalize(bytes.array, 0, bytes.size, normal);
    return normal;
  }
}
