package dev.lanewise.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a stream as strict UTF-8, whatever the locale: a wrong byte is an error with its place,
 * not U+FFFD in the text. Lines end with LF or CRLF; a byte order mark before the first is dropped.
 */
final class LineReader {

  /** Longer lines are refused before they fill the heap. */
  static final int MAX_LINE_BYTES = 1 << 24;

  private final InputStream in;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final String source;
  private long number;
  private boolean cut;

  /**
   * Reads a stream.
   *
   * @param source for errors, "stdin"
   */
  LineReader(InputStream in, String source) {
    this.in = new BufferedInputStream(in, 1 << 16);
    this.source = source;
  }

  /** Number of the line that was read last, from 1. */
  long number() {
    return number;
  }

  /** "line 3 of stdin": the line that was read last. */
  String where() {
    return "line " + number + " of " + source;
  }

  /**
   * The next line, or null at the end.
   *
   * @throws InputException if the line is too long or no UTF-8
   */
  @Nullable String next() throws IOException {
    line.reset();
    number++;
    if (cut) {
      skipRest();
    }
    int b = in.read();
    if (b < 0) {
      return null;
    }
    for (; b >= 0 && b != '\n'; b = in.read()) {
      if (line.size() == MAX_LINE_BYTES) {
        cut = true;
        throw new InputException(
            where(), "longer than " + (MAX_LINE_BYTES >> 20) + " MiB, the limit for one line");
      }
      line.write(b);
    }
    return decode(line.toByteArray());
  }

  /** Of a line that was too long. Only for who asks for the next one: it may have no end. */
  private void skipRest() throws IOException {
    int b = in.read();
    while (b >= 0 && b != '\n') {
      b = in.read();
    }
    cut = false;
  }

  private String decode(byte[] bytes) throws IOException {
    int from = 0;
    int to = bytes.length;
    if (to > 0 && bytes[to - 1] == '\r') {
      to--;
    }
    if (number == 1
        && to >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF) {
      from = 3;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, from, to - from);
    try {
      return strictUtf8(buffer);
    } catch (CharacterCodingException e) {
      int at = buffer.position();
      throw new InputException(
          where(),
          "not UTF-8 at byte %d (0x%02x); convert the text to UTF-8"
              .formatted(at + 1, bytes[at] & 0xFF),
          e);
    }
  }

  /** Decodes all of the buffer; on an error its position is at the first wrong byte. */
  static String strictUtf8(ByteBuffer bytes) throws CharacterCodingException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer chars = CharBuffer.allocate(bytes.remaining());
    CoderResult result = decoder.decode(bytes, chars, true);
    if (result.isError()) {
      result.throwException();
    }
    return chars.flip().toString();
  }
}
