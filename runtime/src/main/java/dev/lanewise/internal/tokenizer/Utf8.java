package dev.lanewise.internal.tokenizer;

/** UTF-8 as the tokenizer needs it: strict on the way in, position by position afterwards. */
final class Utf8 {

  /** Longest text, in UTF-8 bytes: its buffers must stay ordinary Java arrays. */
  static final int MAX_BYTES = 1 << 26;

  private Utf8() {}

  /**
   * Bytes of a text, in a buffer of their own.
   *
   * @throws IllegalArgumentException if the text has an unpaired surrogate, or more than {@link
   *     #MAX_BYTES} bytes
   */
  static ByteBuilder encode(CharSequence text) {
    int length = text.length();
    if (length > MAX_BYTES) {
      throw tooLong();
    }
    ByteBuilder out = new ByteBuilder(length);
    byte[] bytes = out.array;
    int i = 0;
    while (i < length) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        break;
      }
      bytes[i++] = (byte) c;
    }
    out.size = i;
    return i == length ? out : encodeRest(text, i, out);
  }

  private static ByteBuilder encodeRest(CharSequence text, int start, ByteBuilder out) {
    int length = text.length();
    int size = out.size;
    for (int i = start; i < length; i++) {
      char c = text.charAt(i);
      if (out.array.length - size < 4 + ByteBuilder.PADDING) {
        out.size = size;
        out.reserve(4 + (length - i));
      }
      if (c < 0x80) {
        out.array[size++] = (byte) c;
      } else if (!Character.isSurrogate(c)) {
        size += put(c, out.array, size);
      } else {
        if (!Character.isHighSurrogate(c)
            || i + 1 == length
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          throw new IllegalArgumentException(
              "the text has an unpaired surrogate, U+%04X at index %d: it is no Unicode text"
                  .formatted((int) c, i));
        }
        size += put(Character.toCodePoint(c, text.charAt(++i)), out.array, size);
      }
    }
    if (size > MAX_BYTES) {
      throw tooLong();
    }
    out.size = size;
    return out;
  }

  private static IllegalArgumentException tooLong() {
    return new IllegalArgumentException(
        "the text is longer than " + MAX_BYTES + " bytes; split it before it is encoded");
  }

  /** Writes a code point at {@code at} and returns how many bytes it took. */
  static int put(int codePoint, byte[] bytes, int at) {
    if (codePoint < 0x80) {
      bytes[at] = (byte) codePoint;
      return 1;
    }
    if (codePoint < 0x800) {
      bytes[at] = (byte) (0xC0 | codePoint >> 6);
      bytes[at + 1] = (byte) (0x80 | (codePoint & 0x3F));
      return 2;
    }
    if (codePoint < 0x10000) {
      bytes[at] = (byte) (0xE0 | codePoint >> 12);
      bytes[at + 1] = (byte) (0x80 | (codePoint >> 6 & 0x3F));
      bytes[at + 2] = (byte) (0x80 | (codePoint & 0x3F));
      return 3;
    }
    bytes[at] = (byte) (0xF0 | codePoint >> 18);
    bytes[at + 1] = (byte) (0x80 | (codePoint >> 12 & 0x3F));
    bytes[at + 2] = (byte) (0x80 | (codePoint >> 6 & 0x3F));
    bytes[at + 3] = (byte) (0x80 | (codePoint & 0x3F));
    return 4;
  }

  /** Bytes of the character that starts with {@code lead}; the text is known to be valid. */
  static int length(byte lead) {
    if (lead >= 0) {
      return 1;
    }
    int bits = lead & 0xFF;
    return bits < 0xE0 ? 2 : bits < 0xF0 ? 3 : 4;
  }

  /** The character that starts at {@code at} of valid UTF-8. */
  static int codePoint(byte[] bytes, int at) {
    int lead = bytes[at];
    if (lead >= 0) {
      return lead;
    }
    lead &= 0xFF;
    if (lead < 0xE0) {
      return (lead & 0x1F) << 6 | (bytes[at + 1] & 0x3F);
    }
    if (lead < 0xF0) {
      return (lead & 0x0F) << 12 | (bytes[at + 1] & 0x3F) << 6 | (bytes[at + 2] & 0x3F);
    }
    return (lead & 0x07) << 18
        | (bytes[at + 1] & 0x3F) << 12
        | (bytes[at + 2] & 0x3F) << 6
        | (bytes[at + 3] & 0x3F);
  }

  /** Start of the character that ends before {@code to}; {@code to} is past the text's start. */
  static int previous(byte[] bytes, int to) {
    int at = to - 1;
    while ((bytes[at] & 0xC0) == 0x80) {
      at--;
    }
    return at;
  }

  /**
   * Text of any bytes. Each longest start of a character that breaks off, and each byte that starts
   * none, is one U+FFFD, as the Unicode standard recommends (3.9, U+FFFD substitution of maximal
   * subparts); Java's own decoder differs from that on encoded surrogates.
   */
  static String decode(byte[] bytes, int from, int to) {
    char[] text = new char[to - from];
    int size = 0;
    int i = from;
    while (i < to) {
      int lead = bytes[i];
      if (lead >= 0) {
        text[size++] = (char) lead;
        i++;
        continue;
      }
      int valid = validPrefix(bytes, i, to);
      if (valid == length(bytes[i])) {
        size += Character.toChars(codePoint(bytes, i), text, size);
      } else {
        text[size++] = '\uFFFD';
      }
      i += Math.max(1, valid);
    }
    return new String(text, 0, size);
  }

  /**
   * How many bytes at the end of {@code [0, size)} are the valid start of a character that is not
   * complete: 0 to 3. What comes before decodes alike whatever follows.
   */
  static int incompleteTail(byte[] bytes, int size) {
    for (int count = 1; count <= Math.min(3, size); count++) {
      int at = size - count;
      if ((bytes[at] & 0xC0) != 0x80) {
        return count < length(bytes[at]) && validPrefix(bytes, at, size) == count ? count : 0;
      }
    }
    return 0;
  }

  /** How many bytes from a non-ASCII byte on are the start of a character, possibly all of it. */
  private static int validPrefix(byte[] bytes, int at, int to) {
    int lead = bytes[at] & 0xFF;
    if (lead < 0xC2 || lead > 0xF4) {
      return 0;
    }
    int end = Math.min(to, at + length(bytes[at]));
    int i = at + 1;
    while (i < end
        && (bytes[i] & 0xC0) == 0x80
        && (i > at + 1 || validSecond(lead, bytes[i] & 0xFF))) {
      i++;
    }
    return i - at;
  }

  /** Whether the second byte keeps the character shortest, in range and no surrogate. */
  private static boolean validSecond(int lead, int second) {
    return switch (lead) {
      case 0xE0 -> second >= 0xA0;
      case 0xED -> second < 0xA0;
      case 0xF0 -> second >= 0x90;
      case 0xF4 -> second < 0x90;
      default -> true;
    };
  }
}
