package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.loader.TableBytes.Block;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SortedTableTest {

  @TempDir private Path folder;

  private Map<String, String> read(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("t.index"), bytes);
    Map<String, String> entries = new LinkedHashMap<>();
    SortedTable.read(
        file,
        (key, value) ->
            entries.put(new String(key, UTF_8), value.utf8(value.remaining(), "a value")));
    return entries;
  }

  private void assertMalformed(byte[] bytes, String words) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("t.index: ")
        .hasMessageContaining(words);
  }

  private void assertMalformed(Block block, String words) {
    assertMalformed(TableBytes.of(List.of(block.bytes()), List.of("z")), words);
  }

  private static Block start() {
    return new Block().restart().entry(0, "key", "value");
  }

  private static byte[] handle(long from, long bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Proto.varint(out, from);
    Proto.varint(out, bytes);
    return out.toByteArray();
  }

  @Test
  void walksBlocksWithSharedKeys() throws IOException {
    for (int perBlock : new int[] {1, 2, 7, 100}) {
      for (int interval : new int[] {1, 2, 16}) {
        TableBytes table = new TableBytes();
        table.entriesPerBlock = perBlock;
        table.restartInterval = interval;
        Map<String, String> expected = new LinkedHashMap<>();
        for (int i = 100; i < 150; i++) {
          expected.put("model/h" + i + "/w", "v".repeat(i));
        }
        expected.forEach((key, value) -> table.entry(key, value.getBytes(UTF_8)));
        assertThat(read(table.bytes())).containsExactlyEntriesOf(expected);
      }
    }
    assertThat(read(new TableBytes().bytes())).isEmpty();
  }

  @Test
  void refusesACutFile() {
    byte[] whole = new TableBytes().entry("a", new byte[3]).bytes();
    assertMalformed(new byte[0], "has 0 bytes, expected a footer of 48");
    assertMalformed(Arrays.copyOf(whole, 47), "has 47 bytes, expected a footer of 48");
    assertMalformed(Arrays.copyOf(whole, whole.length - 1), "does not end as the index");
  }

  @Test
  void refusesAHugeIndexWithoutReadingIt() throws IOException {
    Path file = folder.resolve("t.index");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(SortedTable.MAX_BYTES + 1L);
    }
    assertThatThrownBy(() -> SortedTable.read(file, (key, value) -> {}))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage("t.index: is an index of 16777217 bytes, supported are up to 16777216");
  }

  @Test
  void refusesBlocksOutsideTheFile() {
    for (long from : new long[] {-1, 1L << 31, 1L << 32, 1L << 62, Long.MIN_VALUE, 200}) {
      assertMalformed(footer(handle(from, 8)), "the footer: says a block of 8 bytes at byte");
    }
    for (long bytes : new long[] {-1, 1L << 31, 1L << 32, 1L << 62, Long.MIN_VALUE, 60}) {
      assertMalformed(footer(handle(0, bytes)), "but the footer begins at");
    }
    byte[] index = new Block().restart().entry(0, "z".getBytes(UTF_8), handle(5, 900)).bytes();
    assertMalformed(
        TableBytes.withIndex(start().bytes(), index), "the block of blocks: says a block of 900");
  }

  private static byte[] footer(byte[] filters) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] blocks = TableBytes.add(out, new Block().restart().bytes(), 0, UnaryOperator.identity());
    return TableBytes.footer(out, filters, blocks);
  }

  @Test
  void refusesANumberPastSixtyFourBits() {
    byte[] ten = {-1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 0};
    assertMalformed(footer(ten), "the place of a block is a number past 64 bits");
    byte[] eleven = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0};
    assertMalformed(footer(eleven), "the place of a block is a number past 64 bits");
  }

  @Test
  void refusesAChangedByteInAnyBlock() {
    byte[] whole = new TableBytes().entry("a", new byte[3]).entry("b", new byte[3]).bytes();
    for (int at = 0; at < whole.length - 48; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= (byte) (1 << at % 8);
      assertMalformed(changed, "has another checksum than it says");
    }
  }

  @Test
  void refusesAnUnknownPacking() {
    TableBytes table = new TableBytes().entry("a", new byte[3]);
    table.packing = 2;
    assertThatThrownBy(() -> read(table.bytes()))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("is packed in way 2, supported are 0 (none) and 1 (Snappy)");
  }

  @Test
  void refusesAHugeBlock() {
    TableBytes table = new TableBytes().entry("a", new byte[1 << 20]);
    assertThatThrownBy(() -> read(table.bytes()))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("the block at byte 0 has 1048590 bytes, supported are up to 1048576");
  }

  @Test
  void refusesBrokenRestarts() {
    assertMalformed(TableBytes.of(List.of(new byte[3]), List.of("z")), "has 3 bytes, expected at");
    for (long count : new long[] {0, 7, 1L << 31, -1}) {
      assertMalformed(
          TableBytes.of(List.of(start().bytes(count)), List.of("z")), "says that it has");
    }
    Block between = start();
    between.restarts.add(2);
    assertMalformed(between, "says a restart at byte 2, where no entry begins");
    Block shares = start().restart().entry(2, "z", "value");
    assertMalformed(shares, "is a restart, but shares its key");
  }

  @Test
  void refusesBrokenEntries() {
    assertMalformed(start().entry(4, "z", ""), "a key shares 4 bytes with one of 3");
    assertMalformed(start().lengths(-1, 1, 1), "a key shares 18446744073709551615 bytes");
    assertMalformed(start().lengths(3, 1022, 1), "a key has 1025 bytes, supported are up to 1024");
    assertMalformed(start().lengths(0, -1, 1), "a key has 18446744073709551615 bytes");
    assertMalformed(start().lengths(0, 9, 1), "a key needs 9 bytes");
    assertMalformed(start().lengths(3, 0, 1), "is not after the last");
    for (long bytes : new long[] {1, -1, 1L << 31, 1L << 32, Long.MIN_VALUE}) {
      Block block = start().lengths(0, 1, bytes);
      block.out.write('z');
      assertMalformed(block, "a value has " + Long.toUnsignedString(bytes) + " bytes, but 0");
    }
  }

  @Test
  void refusesKeysThatAreNotInOrder() {
    assertMalformed(start().entry(0, "key", ""), "is not after the last");
    assertMalformed(start().entry(1, "a", ""), "is not after the last");
    assertMalformed(
        TableBytes.of(List.of(start().bytes(), start().bytes()), List.of("key", "z")),
        "its keys are not after those of the block before");
    assertMalformed(
        TableBytes.of(List.of(start().bytes()), List.of("a")), "has a key before those of its");
  }

  @Test
  void refusesAListOfBlocksThatOverlap() {
    byte[] place = handle(0, start().bytes().length);
    byte[] twice =
        new Block()
            .restart()
            .entry(0, "x".getBytes(UTF_8), place)
            .entry(0, "y".getBytes(UTF_8), place)
            .bytes();
    assertMalformed(
        TableBytes.withIndex(start().bytes(), twice), "begins before the end of the last");
    byte[] more = Arrays.copyOf(place, place.length + 1);
    byte[] trailing = new Block().restart().entry(0, "x".getBytes(UTF_8), more).bytes();
    assertMalformed(
        TableBytes.withIndex(start().bytes(), trailing), "has 1 bytes after the place of a block");
  }

  @Test
  void refusesAnEmptyBlockOfEntries() {
    assertMalformed(new Block().restart(), "the block at byte 0: has no entry");
  }
}
