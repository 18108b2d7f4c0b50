package dev.lanewise.loader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes float32 vectors as the rows of a NumPy array {@code (rows, width)}, format 1.0, in
 * constant memory. Until {@link #finish} the rows stand in a file beside the target, which then is
 * replaced at once. Not thread-safe.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format</a>
 */
public final class NpyWriter implements AutoCloseable {

  /** Data begin at a multiple of 64; the number of rows, of any length, fits before. */
  private static final int DATA_START = 128;

  private static final int HEADER_START = 10;

  private final Path target;
  private final Path written;
  private final int width;
  private final FileChannel channel;
  private final ByteBuffer row;
  private long rows;

  /**
   * Begins an array.
   *
   * @param width floats in a row, at least 1
   */
  public NpyWriter(Path target, int width) throws IOException {
    if (width < 1) {
      throw new IllegalArgumentException("width must be at least 1, found " + width);
    }
    this.target = target;
    this.width = width;
    this.row =
        ByteBuffer.allocate(Math.multiplyExact(width, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    this.written =
        Files.createTempFile(target.toAbsolutePath().getParent(), "." + target.getFileName(), null);
    this.channel = FileChannel.open(written, StandardOpenOption.WRITE);
    channel.position(DATA_START);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it is not as wide as the array
   */
  public void add(float[] values) throws IOException {
    if (values.length != width) {
      throw new IllegalArgumentException(
          "a row has %d values, expected %d".formatted(values.length, width));
    }
    row.clear();
    row.asFloatBuffer().put(values);
    write(row);
    rows++;
  }

  /** Writes the header and moves the array to its place. */
  public void finish() throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }".formatted(rows, width);
    int length = DATA_START - HEADER_START;
    byte[] text =
        (header + " ".repeat(length - 1 - header.length()) + "\n")
            .getBytes(StandardCharsets.US_ASCII);
    channel.position(0);
    write(
        ByteBuffer.allocate(DATA_START)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 0x93)
            .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
            .put((byte) 1)
            .put((byte) 0)
            .putShort((short) length)
            .put(text)
            .flip());
    channel.close();
    Files.move(
        written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Gives up the rows, unless {@link #finish} was called. Idempotent. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(written);
  }
}
