package dev.lanewise.internal.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Undoes UTF-8 that was read as Windows-1252 or Latin-1 ("schÃ¶n"). A careful subset of what ftfy
 * does: a run of characters is replaced where its bytes are valid UTF-8 of one character that such
 * a mistake produces, which ordinary text practically never spells.
 */
final class Mojibake {

  private Mojibake() {}

  /** {@code text} with each such run replaced, until none is left. */
  static String fix(String text) {
    String fixed = text;
    for (int round = 0; round < 8; round++) {
      String next = once(fixed);
      if (next.equals(fixed)) {
        break;
      }
      fixed = next;
    }
    return fixed;
  }

  private static String once(String text) {
    StringBuilder out = null;
    int i = 0;
    while (i < text.length()) {
      int length = sequence(text, i);
      int codePoint = length == 0 ? -1 : decode(text, i, length);
      if (codePoint < 0) {
        if (out != null) {
          out.append(text.charAt(i));
        }
        i++;
        continue;
      }
      if (out == null) {
        out = new StringBuilder(text.length()).append(text, 0, i);
      }
      out.appendCodePoint(codePoint);
      i += length;
    }
    return out == null ? text : out.toString();
  }

  /** Bytes of the UTF-8 character whose first byte stands at {@code at}, 0 if none can. */
  private static int sequence(String text, int at) {
    int lead = Windows1252.byteOf(text.charAt(at));
    int length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || at + length > text.length()) {
      return 0;
    }
    // Of two bytes only what begins with the leads of Latin letters: the others are words.
    if (length == 2 && lead != 0xc2 && lead != 0xc3) {
      return 0;
    }
    for (int i = 1; i < length; i++) {
      int b = Windows1252.byteOf(text.charAt(at + i));
      if (b < 0x80 || b > 0xbf) {
        return 0;
      }
    }
    return length;
  }

  private static int decode(String text, int at, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) Windows1252.byteOf(text.charAt(at + i));
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes))
          .toString()
          .codePointAt(0);
    } catch (CharacterCodingException e) {
      return -1; // an overlong form, a surrogate, or past U+10FFFF
    }
  }
}
