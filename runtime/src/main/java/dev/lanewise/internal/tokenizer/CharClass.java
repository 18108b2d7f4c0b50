package dev.lanewise.internal.tokenizer;

/**
 * Classes of characters as the reference's regular expressions have them, by Unicode: Java's {@code
 * \s} and {@link Character#isWhitespace} differ from White_Space in both directions.
 */
final class CharClass {

  static final byte OTHER = 0;
  static final byte LETTER = 1;
  static final byte NUMBER = 2;
  static final byte SPACE = 3;

  private static final byte[] ASCII = new byte[128];

  private static final int LETTERS =
      1 << Character.UPPERCASE_LETTER
          | 1 << Character.LOWERCASE_LETTER
          | 1 << Character.TITLECASE_LETTER
          | 1 << Character.MODIFIER_LETTER
          | 1 << Character.OTHER_LETTER;
  private static final int NUMBERS =
      1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;
  private static final int MARKS_DIGITS_CONNECTORS =
      1 << Character.NON_SPACING_MARK
          | 1 << Character.COMBINING_SPACING_MARK
          | 1 << Character.ENCLOSING_MARK
          | 1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.CONNECTOR_PUNCTUATION;

  static {
    for (int c = 0; c < 128; c++) {
      ASCII[c] = classify(c);
    }
  }

  private CharClass() {}

  /** Class of an ASCII character. */
  static byte ofAscii(int c) {
    return ASCII[c];
  }

  /** Class of any character. */
  static byte of(int codePoint) {
    return codePoint < 128 ? ASCII[codePoint] : classify(codePoint);
  }

  /** Class of the character that starts at {@code at} of valid UTF-8. */
  static byte at(byte[] bytes, int at) {
    byte lead = bytes[at];
    return lead >= 0 ? ASCII[lead] : classify(Utf8.codePoint(bytes, at));
  }

  private static byte classify(int codePoint) {
    int type = 1 << Character.getType(codePoint);
    if ((type & LETTERS) != 0) {
      return LETTER;
    }
    if ((type & NUMBERS) != 0) {
      return NUMBER;
    }
    return isSpace(codePoint) ? SPACE : OTHER;
  }

  /** Unicode's White_Space: U+0085 and no-break spaces are, U+001C to U+001F are not. */
  static boolean isSpace(int c) {
    if (c < 0x80) {
      return c == ' ' || (c >= 9 && c <= 13);
    }
    return c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** What {@code \w} matches: Alphabetic, marks, digits, connectors, joiners. */
  static boolean isWord(int c) {
    return Character.isAlphabetic(c)
        || (1 << Character.getType(c) & MARKS_DIGITS_CONNECTORS) != 0
        || c == 0x200C
        || c == 0x200D;
  }
}
