package dev.lanewise.internal.tokenizer;

/** Windows-1252, whose five unassigned bytes are taken for the control characters of Latin-1. */
final class Windows1252 {

  /** Characters of the bytes 0x80 to 0x9f. */
  private static final String UPPER =
      "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d"
          + "\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153"
          + "\u009d\u017e\u0178";

  private Windows1252() {}

  /** The character of a byte. */
  static char charOf(int b) {
    return b >= 0x80 && b <= 0x9f ? UPPER.charAt(b - 0x80) : (char) b;
  }

  /** The byte of a character, or -1. Control characters that have one count as their byte too. */
  static int byteOf(char c) {
    int upper = c < 0x80 ? -1 : UPPER.indexOf(c);
    return upper >= 0 ? 0x80 + upper : c <= 0xff ? c : -1;
  }
}
