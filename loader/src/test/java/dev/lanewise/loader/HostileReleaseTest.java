package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The arrays and shapes of the 2018 release, cut at every length and with each byte of header and
 * shapes changed: each ends in an exception of the loader or in a load that keeps within the files.
 */
class HostileReleaseTest {

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "2147483647",
          "2147483648",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551616",
          "1e3",
          "1.5",
          "null",
          "[]",
          "");

  @TempDir private Path folder;

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.list(Fixtures.original())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(Objects.requireNonNull(file.getFileName())));
      }
    }
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 4}");
    assertThat(opens()).isTrue();
  }

  private boolean opens() {
    try {
      Inspection.of(folder);
      if (!HostileCorpusTest.opens(folder)) {
        return false;
      }
      ModelConfig.read(folder);
      return true;
    } catch (NoSuchFileException e) {
      throw new AssertionError("no file is missing", e);
    } catch (IOException e) {
      HostileCorpusTest.assertTyped(e);
      return false;
    }
  }

  @Test
  void aCutArrayIsRefused() throws IOException {
    Path file = folder.resolve("params_3.npy");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long whole = channel.size();
      for (long length = whole - 1; length >= 0; length -= length > 300 ? 1 + length / 64 : 1) {
        channel.truncate(length);
        assertThat(opens()).as("cut to %s bytes", length).isFalse();
      }
    }
  }

  @Test
  void aChangedByteOfAnArraysHeaderIsRefusedOrHarmless() throws IOException {
    Path file = folder.resolve("params_0.npy");
    byte[] whole = Files.readAllBytes(file);
    int end = (int) NpyReader.read(file).dataStart();
    int accepted = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int at = 0; at < end; at++) {
        for (int value : new int[] {whole[at] ^ 1 << at % 8, whole[at] ^ 0x80, 0, 0xff, '9'}) {
          channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
          accepted += opens() ? 1 : 0;
        }
        channel.write(ByteBuffer.wrap(whole, at, 1), at);
      }
    }
    assertThat(opens()).isTrue();
    // The minor version means nothing, and a nine may have been one.
    assertThat(accepted).isLessThan(16);
  }

  @Test
  void hostileSizesOfAnArrayAreRefused() throws IOException {
    Path file = folder.resolve("params_0.npy");
    byte[] whole = Files.readAllBytes(file);
    int end = (int) NpyReader.read(file).dataStart();
    String header = new String(whole, 10, end - 10, StandardCharsets.ISO_8859_1);
    Matcher size = Pattern.compile("[0-9]+(?=,\\))").matcher(header);
    assertThat(size.find()).isTrue();
    for (String first : NUMBERS) {
      for (String second : NUMBERS) {
        String sizes = first + ", " + second;
        String changed = header.substring(0, size.start()) + sizes + header.substring(size.end());
        Files.delete(file);
        Files.write(file, npy(changed, whole, end));
        assertThat(opens()).as(sizes).isFalse();
      }
    }
  }

  private static byte[] npy(String header, byte[] whole, int end) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(10 + text.length + whole.length - end)
        .put(whole, 0, 8)
        .put((byte) text.length)
        .put((byte) (text.length >> 8))
        .put(text)
        .put(whole, end, whole.length - end)
        .array();
  }

  @Test
  void cutShapesAreRefused() throws IOException {
    Path file = folder.resolve("params_shapes.json");
    String whole = Files.readString(file).strip();
    for (int length = 0; length < whole.length(); length++) {
      Files.delete(file);
      Files.writeString(file, whole.substring(0, length));
      assertThat(opens()).as("cut to %s bytes", length).isFalse();
    }
  }

  @Test
  void hostileShapesAreRefusedOrHarmless() throws IOException {
    Path file = folder.resolve("params_shapes.json");
    String whole = Files.readString(file);
    Matcher size = Pattern.compile("[0-9]+").matcher(whole);
    int tried = 0;
    while (size.find()) {
      for (String number : NUMBERS) {
        Files.delete(file);
        Files.writeString(
            file, whole.substring(0, size.start()) + number + whole.substring(size.end()));
        boolean same = number.equals("1") && size.group().equals("1");
        assertThat(opens()).as("%s for %s", number, size.group()).isEqualTo(same);
        tried++;
      }
    }
    assertThat(tried).isGreaterThan(300);
  }
}
