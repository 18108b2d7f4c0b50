package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipDirectoryTest {

  private static final byte[] ABC = "abc".getBytes(UTF_8);

  @TempDir private Path folder;

  private SequencedMap<String, ZipDirectory.Entry> read(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("t"), bytes);
    try (FileChannel channel = FileChannel.open(file)) {
      return ZipDirectory.read(channel, "t");
    }
  }

  private static ZipBytes two() {
    return new ZipBytes().add("a/x", ABC).add("a/y", new byte[9]);
  }

  private void assertMalformed(byte[] bytes, String words) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("t: ")
        .hasMessageContaining(words);
  }

  private void assertMalformed(Consumer<ZipBytes> change, String words) {
    ZipBytes zip = two();
    change.accept(zip);
    assertMalformed(zip.bytes(), words);
  }

  private void assertUnsupported(Consumer<ZipBytes> change, String words) {
    ZipBytes zip = two();
    change.accept(zip);
    assertThatThrownBy(() -> read(zip.bytes()))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageStartingWith("t: ")
        .hasMessageContaining(words);
  }

  private void assertReads(ZipBytes zip) throws IOException {
    byte[] bytes = zip.bytes();
    SequencedMap<String, ZipDirectory.Entry> entries = read(bytes);
    assertThat(entries.keySet()).containsExactly("a/x", "a/y");
    int offset = (int) entries.firstEntry().getValue().offset();
    assertThat(Arrays.copyOfRange(bytes, offset, offset + 3)).isEqualTo(ABC);
    assertThat(entries.lastEntry().getValue().bytes()).isEqualTo(9);
  }

  @Test
  void findsStoredEntries() throws IOException {
    assertReads(two());
    ZipBytes padded = two();
    padded.padding = 60;
    padded.comment = "PK\5\6 a comment".getBytes(UTF_8);
    assertReads(padded);
  }

  @Test
  void findsEntriesOfLargeArchives() throws IOException {
    ZipBytes large = two();
    large.end64 = true;
    large.entry(1).sizes64 = true;
    large.entry(1).extra = new byte[] {9, 9, 1, 0, 7};
    assertReads(large);
  }

  /** After a hole of 5 GiB, which takes no space. */
  @Test
  void findsEntriesPastFourGibibytes() throws IOException {
    ZipBytes far = two();
    far.base = 5L << 30;
    far.end64 = true;
    far.entry(0).sizes64 = true;
    far.entry(1).sizes64 = true;
    Path file = folder.resolve("t");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.READ)) {
      channel.write(ByteBuffer.wrap(far.bytes()), far.base);
      ZipDirectory.Entry entry = ZipDirectory.read(channel, "t").firstEntry().getValue();
      assertThat(entry.offset()).isGreaterThan(far.base);
      ByteBuffer found = ByteBuffer.allocate(3);
      channel.read(found, entry.offset());
      assertThat(found.array()).isEqualTo(ABC);
    }
  }

  @Test
  void findsWhatJavaWrites() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : new String[] {"a/x", "a/y"}) {
        byte[] data = name.endsWith("x") ? ABC : new byte[9];
        CRC32 sum = new CRC32();
        sum.update(data);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
      }
    }
    assertThat(read(out.toByteArray()).keySet()).containsExactly("a/x", "a/y");
  }

  @Test
  void refusesACutArchive() {
    byte[] whole = two().bytes();
    for (int length = 0; length < whole.length; length++) {
      assertMalformed(Arrays.copyOf(whole, length), length < 22 ? "" : "the file is cut");
    }
  }

  @Test
  void refusesADirectoryThatIsNotThere() {
    assertMalformed(z -> z.moreOffset = 1, "after the end of entries");
    assertMalformed(z -> z.moreBytes = 1, "after the end of entries");
    assertMalformed(z -> z.moreOffset = -1, "has no entry at byte 0 of its directory");
    assertMalformed(z -> z.moreEntries = -1, "in its directory after all entries");
    assertMalformed(z -> z.moreEntries = 1, "has no entry at byte 98 of its directory");
    assertUnsupported(z -> z.moreEntries = 8_191, "has 8193 entries, supported are up to 8192");
    assertMalformed(z -> z.entry(0).centralSignature = 7, "has no entry at byte 0");
    assertUnsupported(z -> z.disk = 1, "is a part of a zip archive in several files");
  }

  @Test
  void refusesALargeDirectoryThatIsNotThere() {
    for (long more : new long[] {1L << 31, 1L << 32, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertMalformed(large(z -> z.moreOffset = more), "after the end of entries");
      assertThatThrownBy(() -> read(large(z -> z.moreEntries = more).bytes()))
          .isInstanceOf(UnsupportedCheckpointException.class)
          .hasMessageContaining("entries, supported are up to 8192");
    }
    for (long more : new long[] {1, 1L << 31, 1L << 32, 1L << 62}) {
      assertMalformed(large(z -> z.moreBytes = more), "after the end of entries");
    }
    assertMalformed(large(z -> z.locatorSignature = 1), "has no place of the directory");
    assertMalformed(large(z -> z.endSignature64 = 1), "has no end of a large zip archive");
    assertThatThrownBy(() -> read(large(z -> z.disk = 1).bytes()))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("in several files");
  }

  private static ZipBytes large(Consumer<ZipBytes> change) {
    ZipBytes zip = two();
    zip.end64 = true;
    change.accept(zip);
    return zip;
  }

  private void assertMalformed(ZipBytes zip, String words) {
    assertMalformed(zip.bytes(), words);
  }

  @Test
  void refusesEntriesThatAreNotStored() {
    assertUnsupported(z -> z.entry(0).method = 8, "entry 'a/x' is compressed (method 8)");
    assertUnsupported(z -> z.entry(0).flags |= 1, "entry 'a/x' is encrypted");
    assertMalformed(z -> z.entry(0).packed = 2, "entry 'a/x' has 3 bytes, but 2 are stored");
  }

  @Test
  void refusesEntriesOutsideTheFile() {
    for (long bytes : new long[] {1L << 31, 1_000}) {
      assertMalformed(z -> sizes(z, bytes), "but the directory begins at");
    }
    for (long bytes : new long[] {1L << 32, 1L << 62, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
      Consumer<ZipBytes> past =
          z -> {
            z.entry(0).sizes64 = true;
            sizes(z, bytes);
          };
      assertMalformed(past, "but the directory begins at");
    }
    for (long header : new long[] {1L << 32, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE}) {
      Consumer<ZipBytes> past =
          z -> {
            z.entry(1).sizes64 = true;
            z.entry(1).header = header;
          };
      assertMalformed(past, "entry 'a/y' is at byte " + header + ", but the file has");
    }
    assertMalformed(z -> z.entry(1).header = 1, "has no header at byte 1");
    assertMalformed(
        z -> z.entry(0).extra = new byte[] {1, 0, 8, 0}, "an extra field needs 8 bytes");
  }

  private static void sizes(ZipBytes zip, long bytes) {
    zip.entry(0).bytes = bytes;
    zip.entry(0).packed = bytes;
  }

  @Test
  void refusesHeadersThatDoNotFitTheDirectory() {
    assertMalformed(z -> z.entry(0).localName = "a/z", "entry 'a/x' has another name");
    assertMalformed(z -> z.entry(0).localName = "a/xy", "entry 'a/x' has another name");
    assertMalformed(z -> z.entry(0).localMethod = 8, "has no header at byte 0");
    assertMalformed(z -> z.entry(0).localSignature = 8, "has no header at byte 0");
  }

  @Test
  void refusesEntriesThatOverlapOrRepeat() {
    Consumer<ZipBytes> same =
        z -> {
          z.entry(1).name = "a/x";
          z.entry(1).localName = "a/x";
        };
    assertMalformed(same, "has two entries 'a/x'");
    assertMalformed(z -> sizes(z, 5), "entry 'a/y' begins at byte 36, before the end of another");
  }

  @Test
  void refusesLongNames() {
    Consumer<ZipBytes> longName = z -> z.entry(0).name = "n".repeat(513);
    assertUnsupported(longName, "whose name has 513 bytes, supported are up to 512");
  }
}
