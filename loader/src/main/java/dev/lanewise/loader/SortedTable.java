package dev.lanewise.loader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks a sorted table, the format of LevelDB in which TensorFlow keeps the index of a checkpoint:
 * blocks of entries, a block that lists them, a footer that says where it is. Every block has a
 * checksum, and may be packed by Snappy.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/table_format.md">the format</a>
 */
final class SortedTable {

  /** The last eight bytes. */
  static final long MAGIC = 0xdb4775248b80fb57L;

  /** Two handles, filled up, and the magic. */
  static final int FOOTER_BYTES = 48;

  /** Ours: an index takes some hundred bytes for a tensor. */
  static final int MAX_BYTES = 16 << 20;

  /** Ours, of one block; they are written with 256 KiB. */
  static final int MAX_BLOCK_BYTES = 1 << 20;

  /** The kind of packing, and a checksum. */
  private static final int TRAILER_BYTES = 5;

  private static final int NOT_PACKED = 0;
  private static final int SNAPPY = 1;

  /** Receives the entries, in the order of their keys. */
  interface Visitor {

    /** One entry. */
    void visit(byte[] key, ByteCursor value) throws IOException;
  }

  /** Where a block lies, its trailer apart. */
  private record Handle(int from, int bytes) {

    int end() {
      return from + bytes + TRAILER_BYTES;
    }
  }

  private final String name;
  private final byte[] file;
  private final int footer;

  private SortedTable(String name, byte[] file) {
    this.name = name;
    this.file = file;
    this.footer = file.length - FOOTER_BYTES;
  }

  /** Walks the whole table. */
  static void read(Path path, Visitor visitor) throws IOException {
    String name = String.valueOf(path.getFileName());
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < FOOTER_BYTES) {
        throw new MalformedCheckpointException(
            name + ": has " + size + " bytes, expected a footer of 48: the file is cut");
      }
      if (size > MAX_BYTES) {
        throw new UnsupportedCheckpointException(
            name + ": is an index of " + size + " bytes, supported are up to " + MAX_BYTES);
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) size);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, bytes.position()) < 0) {
          throw new MalformedCheckpointException(name + ": was cut while it was opened");
        }
      }
      new SortedTable(name, bytes.array()).walk(visitor);
    }
  }

  private void walk(Visitor visitor) throws IOException {
    int magicAt = file.length - Long.BYTES;
    if (ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(magicAt) != MAGIC) {
      throw new MalformedCheckpointException(
          name + ": does not end as the index of a TensorFlow checkpoint: the file is cut");
    }
    ByteCursor handles = new ByteCursor(name + ": the footer", file, footer, magicAt);
    TableBlock filters = block(handle(handles), "the block of filters");
    while (filters.next()) {
      filters.value(); // Needed for nothing, but it has to be sound.
    }
    TableBlock index = block(handle(handles), "the block of blocks");
    int end = 0;
    byte @Nullable [] last = null;
    while (index.next()) {
      ByteCursor value = index.value();
      Handle handle = handle(value);
      if (value.remaining() > 0) {
        throw value.invalid("has " + value.remaining() + " bytes after the place of a block");
      }
      if (handle.from() < end) {
        throw value.invalid("lists a block that begins before the end of the last, at byte " + end);
      }
      end = handle.end();
      last = entries(handle, last, visitor);
      if (index.compareKey(last) < 0) {
        throw value.invalid("has a key before those of its block");
      }
    }
  }

  /** Visits the entries of a block; returns the last key. */
  private byte[] entries(Handle handle, byte @Nullable [] last, Visitor visitor)
      throws IOException {
    TableBlock block = block(handle, "the block at byte " + handle.from());
    if (!block.next()) {
      throw block.value().invalid("has no entry");
    }
    if (last != null && block.compareKey(last) <= 0) {
      throw block.value().invalid("its keys are not after those of the block before");
    }
    byte[] key;
    do {
      key = block.key();
      visitor.visit(key, block.value());
    } while (block.next());
    return key;
  }

  private Handle handle(ByteCursor in) throws MalformedCheckpointException {
    long from = in.varint("the place of a block");
    long bytes = in.varint("the length of a block");
    if (from < 0 || bytes < 0 || from > footer || bytes > footer - from - TRAILER_BYTES) {
      throw in.invalid(
          "says a block of "
              + Long.toUnsignedString(bytes)
              + " bytes at byte "
              + Long.toUnsignedString(from)
              + ", but the footer begins at "
              + footer);
    }
    return new Handle((int) from, (int) bytes);
  }

  private TableBlock block(Handle handle, String what) throws IOException {
    String place = name + ": " + what;
    int end = handle.from() + handle.bytes();
    CRC32C checksum = new CRC32C();
    checksum.update(file, handle.from(), handle.bytes() + 1);
    int stored = new ByteCursor(place, file, end + 1, handle.end()).i32("the checksum");
    if (unmasked(stored) != (int) checksum.getValue()) {
      throw new MalformedCheckpointException(
          place + " has another checksum than it says: the file is damaged");
    }
    int packing = file[end] & 0xff;
    if (packing == NOT_PACKED) {
      requireSize(place, handle.bytes());
      return new TableBlock(place, file, handle.from(), end);
    }
    if (packing != SNAPPY) {
      throw new UnsupportedCheckpointException(
          place + " is packed in way " + packing + ", supported are 0 (none) and 1 (Snappy)");
    }
    byte[] unpacked =
        Snappy.unpack(new ByteCursor(place, file, handle.from(), end), MAX_BLOCK_BYTES);
    return new TableBlock(place, unpacked, 0, unpacked.length);
  }

  private static void requireSize(String place, int bytes) throws UnsupportedCheckpointException {
    if (bytes > MAX_BLOCK_BYTES) {
      throw new UnsupportedCheckpointException(
          place + " has " + bytes + " bytes, supported are up to " + MAX_BLOCK_BYTES);
    }
  }

  /** Checksums are stored turned and shifted, so that one of data with checksums is no accident. */
  static int unmasked(int stored) {
    return Integer.rotateLeft(stored - 0xa282ead8, 15);
  }
}
