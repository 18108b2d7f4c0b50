package dev.lanewise.loader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Reads a binary header in order, little-endian, through a small buffer. Lengths are compared with
 * what is left of the file before anything is allocated. Not thread-safe.
 */
final class FileCursor implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final String name;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);

  /** Place in the file of the buffer's first byte. */
  private long bufferStart;

  // What is being read; put together in errors only, since a header has many parts.
  private String kind = "";
  private String subject = "";

  private FileCursor(String name, FileChannel channel) throws IOException {
    this.name = name;
    this.channel = channel;
    this.size = channel.size();
  }

  /** Opens a file at its beginning. */
  static FileCursor open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new FileCursor(String.valueOf(file.getFileName()), channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Bytes of the file when it was opened. */
  long size() {
    return size;
  }

  /** Place of the next byte. */
  long position() {
    return bufferStart + buffer.position();
  }

  /** Bytes that follow. */
  long remaining() {
    return size - position();
  }

  /** Goes to a place within the file. */
  void seek(long position) {
    if (position >= bufferStart && position <= bufferStart + buffer.limit()) {
      buffer.position((int) (position - bufferStart));
      return;
    }
    bufferStart = position;
    buffer.limit(0);
  }

  /** Says what is read from here on: a kind and its name in the file. */
  void begin(String kind, String subject) {
    this.kind = kind;
    this.subject = subject;
  }

  /** What is being read: "tensor 'a'". */
  String subject() {
    return kind + " " + Quoted.of(subject);
  }

  private String of(String what) {
    return kind.isEmpty() ? what : what + " of " + subject();
  }

  /**
   * Requires that many bytes more.
   *
   * @param what they are, for the error
   */
  void require(long bytes, String what) throws MalformedCheckpointException {
    if (bytes > remaining()) {
      throw invalid(
          what
              + " needs "
              + bytes
              + " bytes, but only "
              + remaining()
              + " follow: the file is cut");
    }
  }

  /** An error about what stands at the place that was read last. */
  MalformedCheckpointException invalid(String sentence) {
    return new MalformedCheckpointException(name + ": at byte " + position() + ", " + sentence);
  }

  /** The name of the file, which begins every error. */
  String name() {
    return name;
  }

  private void fill(int bytes, String what) throws IOException {
    require(bytes, what);
    if (buffer.remaining() >= bytes) {
      return;
    }
    bufferStart += buffer.position();
    buffer.compact();
    while (buffer.position() < bytes) {
      if (channel.read(buffer, bufferStart + buffer.position()) < 0) {
        throw new MalformedCheckpointException(name + ": was cut while it was opened");
      }
    }
    buffer.flip();
  }

  /** The next byte, 0 to 255. */
  int u8(String what) throws IOException {
    fill(Byte.BYTES, what);
    return buffer.get() & 0xff;
  }

  /** The next 16 bits, 0 to 65535. */
  int u16(String what) throws IOException {
    fill(Short.BYTES, what);
    return buffer.getShort() & 0xffff;
  }

  /** The next 32 bits, as they are. */
  int i32(String what) throws IOException {
    fill(Integer.BYTES, what);
    return buffer.getInt();
  }

  /** The next 32 bits, 0 to 2^32 - 1. */
  long u32(String what) throws IOException {
    return i32(what) & 0xffff_ffffL;
  }

  /** The next 64 bits, as they are. */
  long i64(String what) throws IOException {
    fill(Long.BYTES, what);
    return buffer.getLong();
  }

  /** The next 64 bits, at most 2^63 - 1. */
  long u64(String what) throws IOException {
    long value = i64(what);
    if (value < 0) {
      throw invalid(of(what) + " is " + Long.toUnsignedString(value) + ", past 2^63");
    }
    return value;
  }

  /** Passes over bytes. */
  void skip(long bytes, String what) throws MalformedCheckpointException {
    require(bytes, what);
    seek(position() + bytes);
  }

  /** The next bytes; they are in the file before they are allocated. */
  byte[] bytes(int count, String what) throws IOException {
    require(count, what);
    byte[] bytes = new byte[count];
    int done = 0;
    while (done < count) {
      int part = Math.min(count - done, BUFFER_BYTES);
      fill(part, what);
      buffer.get(bytes, done, part);
      done += part;
    }
    return bytes;
  }

  /** The next bytes, which must be UTF-8. */
  String utf8(int bytes, String what) throws IOException {
    byte[] utf8 = bytes(bytes, what);
    String text = new String(utf8, StandardCharsets.UTF_8);
    // Either the replacement was in the file, or the decoder put it there.
    if (text.indexOf('\ufffd') >= 0
        && !Arrays.equals(text.getBytes(StandardCharsets.UTF_8), utf8)) {
      throw new MalformedCheckpointException(
          name + ": at byte " + (position() - bytes) + ", " + of(what) + " is not UTF-8");
    }
    return text;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
