package dev.lanewise.loader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Reads the directory of a zip archive whose entries are stored as they are, and where the bytes of
 * each are. Checksums are not compared: PyTorch does not, and can be told not to write them.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">the format</a>
 */
final class ZipDirectory {

  /** Ours: an entry is a tensor, or one of a few others. */
  static final int MAX_ENTRIES = 8_192;

  private static final int MAX_DIRECTORY_BYTES = 2 << 20;
  private static final int MAX_NAME_BYTES = 512;

  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;

  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int END_64_BYTES = 56;
  private static final int LOCATOR_64_BYTES = 20;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final long ELSEWHERE_32 = 0xffff_ffffL;
  private static final int ELSEWHERE_16 = 0xffff;
  private static final int SIZES_64 = 1;

  /**
   * Bytes of an entry.
   *
   * @param header where its own header begins
   * @param offset of its first byte in the file
   * @param bytes how many
   */
  record Entry(String name, long header, long offset, long bytes) {}

  /** Where the directory is. */
  private record Place(long entries, long bytes, long offset) {}

  private final FileChannel channel;
  private final String name;
  private final long size;
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

  /** Name of the entry that is being read. */
  private String entry = "";

  private ZipDirectory(FileChannel channel, String name) throws IOException {
    this.channel = channel;
    this.name = name;
    this.size = channel.size();
  }

  /** Entries by name, in the order of the directory. */
  static SequencedMap<String, Entry> read(FileChannel channel, String name) throws IOException {
    ZipDirectory directory = new ZipDirectory(channel, name);
    directory.read();
    return directory.entries;
  }

  private MalformedCheckpointException invalid(String sentence) {
    return new MalformedCheckpointException(name + ": " + sentence);
  }

  private UnsupportedCheckpointException unsupported(String sentence) {
    return new UnsupportedCheckpointException(name + ": " + sentence);
  }

  /** Bytes of the file, which must be there. */
  private byte[] bytes(long offset, int count, String what) throws IOException {
    if (offset < 0 || offset > size - count) {
      throw invalid(what + " is at byte " + offset + ", but the file has " + size + ": it is cut");
    }
    byte[] bytes = new byte[count];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw invalid("was cut while it was opened");
      }
    }
    return bytes;
  }

  private static ByteBuffer numbers(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void read() throws IOException {
    Place place = place();
    if (place.entries() < 0 || place.entries() > MAX_ENTRIES) {
      throw unsupported(
          "has "
              + Long.toUnsignedString(place.entries())
              + " entries, supported are up to "
              + MAX_ENTRIES);
    }
    if (place.bytes() < 0 || place.bytes() > MAX_DIRECTORY_BYTES) {
      throw unsupported(
          "has a directory of "
              + Long.toUnsignedString(place.bytes())
              + " bytes, supported are up"
              + " to "
              + MAX_DIRECTORY_BYTES);
    }
    byte[] bytes = bytes(place.offset(), (int) place.bytes(), "the directory");
    ByteBuffer directory = numbers(bytes);
    for (long i = 0; i < place.entries(); i++) {
      entry(directory, bytes, place.offset());
    }
    if (directory.hasRemaining()) {
      throw invalid("has " + directory.remaining() + " bytes in its directory after all entries");
    }
    requireApart();
  }

  /** The record at the end of the file, before a comment. */
  private Place place() throws IOException {
    int tail = (int) Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
    ByteBuffer bytes = numbers(bytes(size - tail, tail, "the end"));
    for (int at = tail - END_BYTES; at >= 0; at--) {
      if (bytes.getInt(at) != END
          || Short.toUnsignedInt(bytes.getShort(at + 20)) != tail - END_BYTES - at) {
        continue;
      }
      long end = size - tail + at;
      Place place =
          new Place(
              Short.toUnsignedInt(bytes.getShort(at + 10)),
              Integer.toUnsignedLong(bytes.getInt(at + 12)),
              Integer.toUnsignedLong(bytes.getInt(at + 16)));
      boolean elsewhere =
          place.entries() == ELSEWHERE_16
              || place.bytes() == ELSEWHERE_32
              || place.offset() == ELSEWHERE_32;
      if (!elsewhere) {
        requireOneDisk(bytes.getShort(at + 4) | bytes.getShort(at + 6));
      }
      Place found = elsewhere ? place64(end) : place;
      long limit = elsewhere ? end - LOCATOR_64_BYTES - END_64_BYTES : end;
      if (found.offset() < 0 || found.bytes() > limit - found.offset()) {
        throw invalid(
            "has a directory of "
                + Long.toUnsignedString(found.bytes())
                + " bytes at byte "
                + Long.toUnsignedString(found.offset())
                + ", after the end of entries");
      }
      return found;
    }
    throw invalid("has no end of a zip archive: the file is cut");
  }

  private void requireOneDisk(int disk) throws UnsupportedCheckpointException {
    if (disk != 0) {
      throw unsupported("is a part of a zip archive in several files");
    }
  }

  private Place place64(long end) throws IOException {
    ByteBuffer locator =
        numbers(bytes(end - LOCATOR_64_BYTES, LOCATOR_64_BYTES, "the end of a large zip"));
    if (locator.getInt(0) != LOCATOR_64) {
      throw invalid("has no place of the directory, as a large zip archive needs");
    }
    ByteBuffer record = numbers(bytes(locator.getLong(8), END_64_BYTES, "the end of a large zip"));
    if (record.getInt(0) != END_64 || locator.getLong(8) > end - LOCATOR_64_BYTES - END_64_BYTES) {
      throw invalid("has no end of a large zip archive at byte " + locator.getLong(8));
    }
    requireOneDisk(record.getInt(16) | record.getInt(20) | locator.getInt(4));
    return new Place(record.getLong(32), record.getLong(40), record.getLong(48));
  }

  private void entry(ByteBuffer in, byte[] raw, long limit) throws IOException {
    if (in.remaining() < CENTRAL_BYTES || in.getInt(in.position()) != CENTRAL) {
      throw invalid("has no entry at byte " + in.position() + " of its directory");
    }
    int at = in.position();
    int flags = in.getShort(at + 8);
    int method = Short.toUnsignedInt(in.getShort(at + 10));
    long packed = Integer.toUnsignedLong(in.getInt(at + 20));
    long bytes = Integer.toUnsignedLong(in.getInt(at + 24));
    int nameBytes = Short.toUnsignedInt(in.getShort(at + 28));
    int extraBytes = Short.toUnsignedInt(in.getShort(at + 30));
    int commentBytes = Short.toUnsignedInt(in.getShort(at + 32));
    long header = Integer.toUnsignedLong(in.getInt(at + 42));
    int all = CENTRAL_BYTES + nameBytes + extraBytes + commentBytes;
    if (all > in.remaining()) {
      throw invalid("has an entry that passes the end of its directory");
    }
    if (nameBytes > MAX_NAME_BYTES) {
      throw unsupported(
          "has an entry whose name has "
              + nameBytes
              + " bytes, supported are up to "
              + MAX_NAME_BYTES);
    }
    int nameAt = at + CENTRAL_BYTES;
    int extraAt = nameAt + nameBytes;
    entry = new ByteCursor(name, raw, nameAt, extraAt).utf8(nameBytes, "the name of an entry");
    long[] sizes = {bytes, packed, header};
    sizes64(new ByteCursor(name, raw, extraAt, extraAt + extraBytes), sizes);
    in.position(at + all);
    if ((flags & 1) != 0) {
      throw unsupported(entry() + "is encrypted");
    }
    if (method != 0) {
      throw unsupported(
          entry()
              + "is compressed (method "
              + method
              + "), supported are entries that are stored as they are");
    }
    if (sizes[0] != sizes[1]) {
      throw invalid(entry() + "has " + sizes[0] + " bytes, but " + sizes[1] + " are stored");
    }
    long offset = dataOffset(raw, nameAt, nameBytes, sizes[2]);
    if (sizes[0] < 0 || sizes[0] > limit - offset) {
      throw invalid(
          entry()
              + "has "
              + Long.toUnsignedString(sizes[0])
              + " bytes at byte "
              + offset
              + ", but the directory begins at "
              + limit);
    }
    if (entries.put(entry, new Entry(entry, sizes[2], offset, sizes[0])) != null) {
      throw invalid("has two entries " + Quoted.of(entry));
    }
  }

  /** How an error about the entry that is being read begins; it is not put together for all. */
  private String entry() {
    return "entry " + Quoted.of(entry) + " ";
  }

  /** Numbers past 32 bits are in an extra field, those only that need it. */
  private static void sizes64(ByteCursor extra, long[] sizes) throws MalformedCheckpointException {
    while (extra.remaining() > 0) {
      int id = (int) extra.unsigned(2, "an extra field");
      int bytes = (int) extra.unsigned(2, "an extra field");
      ByteCursor field = extra.slice(bytes, "an extra field");
      if (id != SIZES_64) {
        continue;
      }
      for (int i = 0; i < sizes.length; i++) {
        if (sizes[i] == ELSEWHERE_32) {
          sizes[i] = field.i64("a size of 64 bits");
        }
      }
      return;
    }
  }

  /** Before the bytes of an entry stands a header of its own, of another length. */
  private long dataOffset(byte[] raw, int nameAt, int nameBytes, long header) throws IOException {
    int bytes = LOCAL_BYTES + nameBytes;
    if (header < 0 || header > size - bytes) {
      throw invalid(entry() + "is at byte " + header + ", but the file has " + size);
    }
    byte[] found = bytes(header, bytes, "an entry");
    ByteBuffer local = numbers(found);
    if (local.getInt(0) != LOCAL || local.getShort(8) != 0) {
      throw invalid(entry() + "has no header at byte " + header + " that fits the directory");
    }
    if (Short.toUnsignedInt(local.getShort(26)) != nameBytes
        || !Arrays.equals(found, LOCAL_BYTES, bytes, raw, nameAt, nameAt + nameBytes)) {
      throw invalid(entry() + "has another name in its header at byte " + header);
    }
    return header + bytes + Short.toUnsignedInt(local.getShort(28));
  }

  private void requireApart() throws MalformedCheckpointException {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::header));
    long end = 0;
    for (Entry entry : sorted) {
      if (entry.header() < end) {
        throw invalid(
            "entry "
                + Quoted.of(entry.name())
                + " begins at byte "
                + entry.header()
                + ", before"
                + " the end of another at "
                + end);
      }
      end = entry.offset() + entry.bytes();
    }
  }
}
