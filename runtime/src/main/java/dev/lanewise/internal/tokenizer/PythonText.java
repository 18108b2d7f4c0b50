package dev.lanewise.internal.tokenizer;

/** What the reference's language calls white space, which is not what Java does. */
final class PythonText {

  private PythonText() {}

  /** Unicode white space and the four separators U+001C to U+001F. */
  static boolean isSpace(int c) {
    return (c >= 0x09 && c <= 0x0d)
        || (c >= 0x1c && c <= 0x20)
        || c == 0x85
        || (c > 0x85 && Character.isSpaceChar(c));
  }
}
