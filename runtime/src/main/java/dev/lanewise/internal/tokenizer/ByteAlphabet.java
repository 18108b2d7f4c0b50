package dev.lanewise.internal.tokenizer;

/**
 * The reversible spelling of bytes as printable characters in a byte-level vocabulary: printable
 * Latin-1 stands for itself, the other 68 bytes are U+0100 and up in byte order.
 */
final class ByteAlphabet {

  private static final char[] CHARS = new char[256];
  private static final short[] BYTES = new short[256 + 68];

  static {
    java.util.Arrays.fill(BYTES, (short) -1);
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > 0x20 && b < 0x7F) || (b > 0xA0 && b != 0xAD);
      CHARS[b] = (char) (printable ? b : next++);
      BYTES[CHARS[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /** The character that spells byte {@code b}, 0 to 255. */
  static char charOf(int b) {
    return CHARS[b];
  }

  /** The byte that a character spells, or -1. */
  static int byteOf(char c) {
    return c < BYTES.length ? BYTES[c] : -1;
  }

  /** Appends the bytes that a piece spells; on a foreign character nothing, and false. */
  static boolean bytesOf(String piece, ByteBuilder out) {
    int start = out.size;
    for (int i = 0; i < piece.length(); i++) {
      int b = byteOf(piece.charAt(i));
      if (b < 0) {
        out.size = start;
        return false;
      }
      out.add(b);
    }
    return true;
  }

  /** How bytes are spelled in the vocabulary. */
  static String spell(byte[] bytes, int from, int to) {
    char[] chars = new char[to - from];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = CHARS[bytes[from + i] & 0xFF];
    }
    return new String(chars);
  }
}
