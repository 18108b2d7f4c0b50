package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Both forms of {@code pytorch_model.bin}, cut at many lengths and with each byte of the pickles
 * and headers changed: each ends in an exception of the loader or in a load that keeps within the
 * file.
 */
class HostileTorchTest {

  private static final String ZIP = "pytorch_model.bin";
  private static final String OLD = "pytorch_model.legacy.bin";

  @TempDir private Path folder;

  private Path copy(byte[] whole) throws IOException {
    return Files.write(folder.resolve("pytorch_model.bin"), whole);
  }

  private static byte[] fixture(String name) throws IOException {
    return Files.readAllBytes(Fixtures.model("openai-gpt-lm-bin").resolve(name));
  }

  /** Places of all that is not the data of a tensor. */
  private static List<Integer> structure(String name, byte[] whole) throws IOException {
    Path file = Fixtures.model("openai-gpt-lm-bin").resolve(name);
    boolean[] data = new boolean[whole.length];
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        for (long i = tensor.offset(); i < tensor.offset() + tensor.bytes(); i++) {
          data[(int) i] = true;
        }
      }
    }
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < data.length; i++) {
      if (!data[i]) {
        places.add(i);
      }
    }
    return places;
  }

  @ParameterizedTest
  @ValueSource(strings = {ZIP, OLD})
  void aCutFileIsRefused(String name) throws IOException {
    byte[] whole = fixture(name);
    Path file = copy(whole);
    assertThat(HostileCorpusTest.opens(file)).isTrue();
    Set<Integer> lengths = new TreeSet<>(Comparator.reverseOrder());
    for (int length = 0; length < 6_000; length += 1 + length / 64) {
      lengths.add(length);
    }
    for (int i = 1; i < 256; i++) {
      lengths.add((int) ((long) whole.length * i / 256));
      lengths.add(whole.length - i);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int length : lengths) {
        channel.truncate(length);
        assertThat(HostileCorpusTest.opens(file)).as("cut to %s bytes", length).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ZIP, OLD})
  void aChangedByteIsRefusedOrHarmless(String name) throws IOException {
    byte[] whole = fixture(name);
    Path file = copy(whole);
    List<Integer> places = structure(name, whole);
    assertThat(places.size()).isGreaterThan(5_000);
    int accepted = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int at : places) {
        for (int value : new int[] {whole[at] ^ 1 << at % 8, whole[at] ^ 0x80, 0, 0xff}) {
          channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
          accepted += HostileCorpusTest.opens(file) ? 1 : 0;
        }
        channel.write(ByteBuffer.wrap(whole, at, 1), at);
      }
    }
    assertThat(HostileCorpusTest.opens(file)).isTrue();
    assertThat(accepted).isBetween(1, 4 * places.size() - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {ZIP, OLD})
  void hostileNumbersAreRefusedOrHarmless(String name) throws IOException {
    byte[] whole = fixture(name);
    Path file = copy(whole);
    long[] hostile = {0, -1, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE};
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int at : structure(name, whole)) {
        // All of the header of the first entries, the end and the sizes; every third of the others.
        if (at % 3 != 0 && at > 600 && at < whole.length - 400) {
          continue;
        }
        int bytes = Math.min(8, whole.length - at);
        for (long value : hostile) {
          ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          channel.write(number.putLong(value).flip().limit(bytes), at);
          HostileCorpusTest.opens(file);
        }
        channel.write(ByteBuffer.wrap(whole, at, bytes), at);
      }
    }
    assertThat(HostileCorpusTest.opens(file)).isTrue();
  }
}
