package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints that TensorFlow wrote, cut at every length and with each byte changed, under a
 * checksum that fits too: each ends in an exception of the loader or in a load that keeps within
 * the file.
 */
class HostileBundleTest {

  private static final int FOOTER_BYTES = 48;

  @TempDir private Path folder;
  private Path index;
  private byte[] whole;

  @BeforeEach
  void copy() throws IOException {
    index = folder.resolve("types.ckpt.index");
    whole = Files.readAllBytes(Fixtures.tensorFlow("types.ckpt.index"));
    Path data = Fixtures.tensorFlow("types.ckpt.data-00000-of-00001");
    Files.copy(data, folder.resolve("types.ckpt.data-00000-of-00001"));
  }

  private boolean opens(byte[] bytes) throws IOException {
    Files.deleteIfExists(index);
    Files.write(index, bytes);
    try {
      Inspection.of(index);
      return HostileCorpusTest.opens(index);
    } catch (NoSuchFileException e) {
      assertThat(e).hasMessageContaining("this data file is missing");
      return false;
    }
  }

  @Test
  void aCutIndexIsRefused() throws IOException {
    assertThat(opens(whole)).isTrue();
    for (int length = 0; length < whole.length; length++) {
      assertThat(opens(Arrays.copyOf(whole, length))).as("cut to %s bytes", length).isFalse();
    }
  }

  @Test
  void aChangedByteOfTheIndexIsRefused() throws IOException {
    int handles = 0;
    for (int at = 0; at < whole.length; at++) {
      for (int value : new int[] {whole[at] ^ 1 << at % 8, whole[at] ^ 0x80, 0, 0xff}) {
        byte[] changed = whole.clone();
        changed[at] = (byte) value;
        if (opens(changed) && changed[at] != whole[at]) {
          handles++;
          // What fills the footer up means nothing.
          assertThat(at).isBetween(whole.length - FOOTER_BYTES + 5, whole.length - 9);
        }
      }
    }
    assertThat(handles).isLessThan(4 * FOOTER_BYTES);
  }

  /** The table of one block with these bytes, and a checksum of them. */
  private static byte[] table(byte[] block) {
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    Proto.varint(index, 0);
    Proto.varint(index, block.length);
    TableBytes.Block blocks = new TableBytes.Block().restart();
    return TableBytes.withIndex(
        block, blocks.entry(0, new byte[] {(byte) 0xff, 0}, index.toByteArray()).bytes());
  }

  /** The block of entries, which is the first: 0x118 bytes, as its handle says. */
  private byte[] block() {
    return Arrays.copyOf(whole, 0x118);
  }

  @Test
  void aChangedByteUnderItsChecksumIsRefusedOrHarmless() throws IOException {
    byte[] block = block();
    assertThat(opens(table(block))).isTrue();
    int accepted = 0;
    for (int at = 0; at < block.length; at++) {
      for (int value : new int[] {block[at] ^ 1 << at % 8, block[at] ^ 0x80, 0, 0xff}) {
        byte[] changed = block.clone();
        changed[at] = (byte) value;
        accepted += opens(table(changed)) ? 1 : 0;
      }
    }
    // Names, checksums, and what is of no use to us.
    assertThat(accepted).isBetween(block.length / 2, 3 * block.length);
  }

  @Test
  void hostileNumbersUnderTheChecksumAreRefusedOrHarmless() throws IOException {
    byte[] block = block();
    long[] hostile = {
      0, -1, 1L << 31, (1L << 31) - 1, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 61
    };
    for (int at = 0; at < block.length; at++) {
      for (long value : hostile) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(block, 0, at);
        Proto.varint(out, value);
        int rest = Math.min(block.length, at + 1);
        out.write(block, rest, block.length - rest);
        opens(table(out.toByteArray()));
      }
    }
    assertThat(opens(table(block))).isTrue();
  }

  @Test
  void cutDataAreRefused() throws IOException {
    assertThat(opens(whole)).isTrue();
    Path data = folder.resolve("types.ckpt.data-00000-of-00001");
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      for (int length = (int) channel.size() - 1; length >= 0; length--) {
        channel.truncate(length);
        assertThat(HostileCorpusTest.opens(index)).as("cut to %s bytes", length).isFalse();
      }
    }
  }

  @Test
  void aChangedStateIsRefusedOrNamesNothing() throws IOException {
    assertThat(opens(whole)).isTrue();
    byte[] state = "model_checkpoint_path: \"types.ckpt\"\n# end\n".getBytes(US_ASCII);
    Path file = folder.resolve("checkpoint");
    for (int at = 0; at < state.length; at++) {
      for (Integer value : List.of(state[at] ^ 1 << at % 8, 0, 0xff, (int) '\\', (int) '"')) {
        byte[] changed = state.clone();
        changed[at] = value.byteValue();
        Files.write(file, changed);
        try {
          HostileCorpusTest.opens(folder);
        } catch (NoSuchFileException e) {
          assertThat(e).hasMessageContaining("the file 'checkpoint' names it");
        }
        Files.write(file, Arrays.copyOf(state, at));
        try {
          HostileCorpusTest.opens(folder);
        } catch (NoSuchFileException e) {
          assertThat(e).hasMessageContaining("the file 'checkpoint' names it");
        }
      }
    }
  }
}
