package dev.lanewise.loader;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a part of a byte array in order, little-endian. Lengths are compared with what is left
 * before anything is allocated. Not thread-safe.
 */
final class ByteCursor {

  private static final int VARINT_BYTES = 10;

  private final String place;

  // Put together in errors only, since an index has many tensors.
  private final @Nullable String tensor;
  private final byte[] bytes;
  private final int from;
  private final int to;
  private int at;

  /**
   * A cursor over the bytes {@code from} to {@code to}.
   *
   * @param place how errors begin
   */
  ByteCursor(String place, byte[] bytes, int from, int to) {
    this(place, null, bytes, from, to);
  }

  private ByteCursor(String place, @Nullable String tensor, byte[] bytes, int from, int to) {
    this.place = place;
    this.tensor = tensor;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.at = from;
  }

  /** How errors begin. */
  String place() {
    return tensor == null ? place : place + ": tensor " + Quoted.of(tensor);
  }

  /** Place of the next byte, counted from the first. */
  int position() {
    return at - from;
  }

  /** Bytes that follow. */
  int remaining() {
    return to - at;
  }

  /** An error about what stands here. */
  MalformedCheckpointException invalid(String sentence) {
    return new MalformedCheckpointException(place() + ": " + sentence);
  }

  private void require(int count, String what) throws MalformedCheckpointException {
    if (count > remaining()) {
      throw invalid(
          what
              + " needs "
              + count
              + " bytes at byte "
              + position()
              + ", but "
              + remaining()
              + " follow");
    }
  }

  /** The next byte, 0 to 255. */
  int u8(String what) throws MalformedCheckpointException {
    require(1, what);
    return bytes[at++] & 0xff;
  }

  /** The next {@code count} bytes as an unsigned number, of at most 4 bytes. */
  long unsigned(int count, String what) throws MalformedCheckpointException {
    require(count, what);
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at++] & 0xffL) << (8 * i);
    }
    return value;
  }

  /** The next 32 bits, as they are. */
  int i32(String what) throws MalformedCheckpointException {
    return (int) unsigned(Integer.BYTES, what);
  }

  /** The next 64 bits, as they are. */
  long i64(String what) throws MalformedCheckpointException {
    long low = unsigned(Integer.BYTES, what);
    return low | (unsigned(Integer.BYTES, what) << 32);
  }

  /** A number of 64 bits in groups of seven, the lowest first; it may come out negative. */
  long varint(String what) throws MalformedCheckpointException {
    long value = 0;
    for (int i = 0; i < VARINT_BYTES; i++) {
      long group = u8(what);
      if (i == VARINT_BYTES - 1 && group > 1) {
        break;
      }
      value |= (group & 0x7f) << (7 * i);
      if (group < 0x80) {
        return value;
      }
    }
    throw invalid(what + " is a number past 64 bits");
  }

  /** A length, which must not pass what is left. */
  int length(String what) throws MalformedCheckpointException {
    long length = varint("the length of " + what);
    if (length < 0 || length > remaining()) {
      throw invalid(
          what
              + " has "
              + Long.toUnsignedString(length)
              + " bytes, but "
              + remaining()
              + " follow");
    }
    return (int) length;
  }

  /** The next bytes as a cursor of their own. */
  ByteCursor slice(int length, String what) throws MalformedCheckpointException {
    skip(length, what);
    return new ByteCursor(place, tensor, bytes, at - length, at);
  }

  /** All that follows, with errors that begin by a file and name a tensor. */
  ByteCursor about(String file, String tensor) {
    return new ByteCursor(file, tensor, bytes, at, to);
  }

  /** Passes over bytes. */
  void skip(int count, String what) throws MalformedCheckpointException {
    require(count, what);
    at += count;
  }

  /** Copies the next bytes to {@code target}. */
  void copy(byte[] target, int offset, int count, String what) throws MalformedCheckpointException {
    require(count, what);
    System.arraycopy(bytes, at, target, offset, count);
    at += count;
  }

  /** The next bytes, which must be UTF-8. */
  String utf8(int count, String what) throws MalformedCheckpointException {
    require(count, what);
    String text = new String(bytes, at, count, StandardCharsets.UTF_8);
    // Either the replacement was in the file, or the decoder put it there.
    if (text.indexOf('\ufffd') >= 0
        && !Arrays.equals(
            text.getBytes(StandardCharsets.UTF_8), Arrays.copyOfRange(bytes, at, at + count))) {
      throw invalid(what + " is not UTF-8");
    }
    at += count;
    return text;
  }
}
