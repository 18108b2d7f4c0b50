package dev.lanewise.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records of a CSV file, RFC 4180: fields apart by commas, records by LF or CR LF; a field in
 * quotes may hold all of these, and a quote as two. Strict UTF-8; a byte order mark is passed over.
 * A bad record is an error with its first line's number, and the next call goes on behind it.
 */
final class CsvReader {

  private enum State {
    FIELD_START,
    PLAIN,
    QUOTED,
    QUOTE_IN_QUOTED
  }

  private final InputStream in;
  private final String source;
  private final ByteArrayOutputStream field = new ByteArrayOutputStream();

  private long line = 1;
  private long first;
  private boolean begun;

  // The record under way.
  private List<String> fields = new ArrayList<>();
  private long bytes;
  private @Nullable String problem;

  /**
   * Reads a stream.
   *
   * @param source for errors, the file's name
   */
  CsvReader(InputStream in, String source) {
    this.in = new BufferedInputStream(in, 1 << 16);
    this.source = source;
  }

  /** Number of the line on which the last record began. */
  long line() {
    return first;
  }

  /** "line 3 of FILE": where the last record began. */
  String where() {
    return "line " + first + " of " + source;
  }

  /**
   * The fields of the next record, at least one, or null at the end.
   *
   * @throws InputException if the record is malformed
   */
  @Nullable List<String> next() throws IOException {
    if (!begun) {
      skipByteOrderMark();
    }
    first = line;
    fields = new ArrayList<>();
    bytes = 0;
    problem = null;
    int b = in.read();
    if (b < 0) {
      return null;
    }
    State state = State.FIELD_START;
    while (b >= 0 && !(b == '\n' && state != State.QUOTED)) {
      state = take(state, b);
      b = in.read();
    }
    line += b == '\n' ? 1 : 0;
    if (state == State.QUOTED) {
      fail("a quoted field has no end");
    }
    endField();
    if (problem != null) {
      throw new InputException(where(), problem);
    }
    return fields;
  }

  private State take(State state, int b) throws IOException {
    line += b == '\n' ? 1 : 0;
    if (++bytes > LineReader.MAX_LINE_BYTES) {
      fail("longer than " + (LineReader.MAX_LINE_BYTES >> 20) + " MiB, the limit for one record");
      field.reset(); // read to its end, but not kept
    }
    if (state == State.QUOTED) {
      if (b == '"') {
        return State.QUOTE_IN_QUOTED;
      }
    } else if (b == ',') {
      endField();
      return State.FIELD_START;
    } else if (b == '\r' && nextIs('\n')) {
      return state;
    } else if (b == '"') {
      if (state == State.FIELD_START) {
        return State.QUOTED;
      }
      if (state == State.PLAIN) {
        fail("a quote inside a field that has none around it");
      }
      state = state == State.QUOTE_IN_QUOTED ? State.QUOTED : state;
    } else if (state == State.QUOTE_IN_QUOTED) {
      fail("something follows the quote that ends a field");
      state = State.PLAIN;
    } else {
      state = State.PLAIN;
    }
    field.write(b);
    return state;
  }

  private void endField() {
    if (problem != null) {
      field.reset(); // nobody will see it
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(field.toByteArray());
    field.reset();
    try {
      fields.add(LineReader.strictUtf8(buffer));
    } catch (CharacterCodingException e) {
      fail(
          "not UTF-8 in column %d (0x%02x); convert the file to UTF-8"
              .formatted(fields.size() + 1, buffer.get(buffer.position()) & 0xFF));
    }
  }

  /** The first problem of a record counts. */
  private void fail(String what) {
    problem = problem == null ? what : problem;
  }

  private boolean nextIs(int expected) throws IOException {
    in.mark(1);
    int b = in.read();
    in.reset();
    return b == expected;
  }

  private void skipByteOrderMark() throws IOException {
    begun = true;
    in.mark(3);
    if (in.read() != 0xEF || in.read() != 0xBB || in.read() != 0xBF) {
      in.reset();
    }
  }
}
