package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fixture cut at many lengths and with each byte of its header changed, one at a time: each
 * ends in an exception of the loader or in a load that keeps within the file.
 */
class HostileCorpusTest {

  private static final Set<Class<? extends IOException>> TYPED =
      Set.of(
          MalformedCheckpointException.class,
          UnsupportedCheckpointException.class,
          IncompatibleCheckpointException.class);

  @TempDir private Path folder;

  static List<Path> weights() throws IOException {
    return Fixtures.models().stream()
        .map(model -> model.resolve("model.safetensors"))
        .filter(Files::exists)
        .toList();
  }

  static List<Path> configs() throws IOException {
    return Fixtures.models().stream()
        .map(model -> model.resolve("config.json"))
        .filter(Files::exists)
        .toList();
  }

  private static int headerBytes(byte[] file) {
    return (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
  }

  /** Touches the ends of all tensors; true if the file was accepted. */
  static boolean opens(Path path) throws NoSuchFileException {
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        MemorySegment data = checkpoint.data(tensor);
        assertThat(data.byteSize()).isEqualTo(tensor.dtype().bytes(tensor.elements()));
        if (data.byteSize() > 0) {
          data.get(ValueLayout.JAVA_BYTE, 0);
          data.get(ValueLayout.JAVA_BYTE, data.byteSize() - 1);
        }
      }
      return true;
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      assertTyped(e);
      return false;
    }
  }

  static void assertTyped(IOException e) {
    if (!TYPED.contains(e.getClass())) {
      throw new AssertionError("not an exception of the loader", e);
    }
    assertThat(e.getMessage()).isNotBlank().doesNotContain("\n").hasSizeLessThan(600);
  }

  @ParameterizedTest
  @MethodSource("weights")
  void aCutFileIsRefused(Path fixture) throws IOException {
    byte[] whole = Files.readAllBytes(fixture);
    Path file = Files.write(folder.resolve("model.safetensors"), whole);
    assertThat(opens(file)).isTrue();
    int header = headerBytes(whole);
    Set<Integer> lengths = new TreeSet<>();
    for (int length = 0; length < 8 + header; length += 1 + length / 16) {
      lengths.add(length);
    }
    for (int i = -2; i <= 2; i++) {
      lengths.add(8 + header + i);
    }
    for (int i = 1; i < 32; i++) {
      lengths.add((int) ((long) whole.length * i / 32));
      lengths.add(whole.length - i);
    }
    // From the longest to the shortest, in place.
    List<Integer> descending = lengths.stream().sorted((a, b) -> Integer.compare(b, a)).toList();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int length : descending) {
        channel.truncate(length);
        assertThat(opens(file)).as("cut to %s bytes", length).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("weights")
  void aChangedHeaderByteIsRefusedOrHarmless(Path fixture) throws IOException {
    byte[] whole = Files.readAllBytes(fixture);
    Path file = Files.write(folder.resolve("model.safetensors"), whole);
    int end = 8 + headerBytes(whole);
    int accepted = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int at = 0; at < end; at++) {
        for (int value : new int[] {whole[at] ^ 1 << at % 8, whole[at] ^ 0x80}) {
          channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
          if (opens(file)) {
            accepted++;
          }
        }
        channel.write(ByteBuffer.wrap(whole, at, 1), at);
      }
    }
    assertThat(opens(file)).isTrue();
    // Letters of names may change; lengths, offsets, shapes and types may not.
    assertThat(accepted).isBetween(1, end);
  }

  static List<Path> ggufs() {
    return List.of(Fixtures.gguf("gpt2-tiny-mixed.gguf"), Fixtures.gguf("gpt2-tiny-F32.gguf"));
  }

  /** Opens and reads whatever can be read of it. */
  private static boolean opensWhole(Path path) throws IOException {
    boolean opens = opens(path);
    try {
      ModelConfig.read(path);
      GgufVocabulary.read(path);
      Inspection.of(path);
    } catch (NoSuchFileException e) {
      // No longer GGUF by its first bytes: the config would have to be in a file of its own.
      assertThat(e).hasMessageContaining("config.json");
    } catch (IOException e) {
      assertTyped(e);
    }
    return opens;
  }

  @ParameterizedTest
  @MethodSource("ggufs")
  void aCutGgufFileIsRefused(Path fixture) throws IOException {
    byte[] whole = Files.readAllBytes(fixture);
    Path file = Files.write(folder.resolve("model.gguf"), whole);
    assertThat(opensWhole(file)).isTrue();
    Set<Integer> lengths = new TreeSet<>(Comparator.reverseOrder());
    for (int length = 0; length < 9_000; length += 1 + length / 64) {
      lengths.add(length);
    }
    for (int i = 1; i < 64; i++) {
      lengths.add((int) ((long) whole.length * i / 64));
      lengths.add(whole.length - i);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int length : lengths) {
        channel.truncate(length);
        assertThat(opensWhole(file)).as("cut to %s bytes", length).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ggufs")
  void aChangedByteOfAGgufHeaderIsRefusedOrHarmless(Path fixture) throws IOException {
    byte[] whole = Files.readAllBytes(fixture);
    Path file = Files.write(folder.resolve("model.gguf"), whole);
    int end = (int) GgufReader.read(fixture).tensors().tensors().firstEntry().getValue().offset();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int at = 0; at < end; at++) {
        for (int value : new int[] {whole[at] ^ 1 << at % 8, whole[at] ^ 0x80, 0xff}) {
          channel.write(ByteBuffer.wrap(new byte[] {(byte) value}), at);
          opensWhole(file);
        }
        channel.write(ByteBuffer.wrap(whole, at, 1), at);
      }
    }
    assertThat(opensWhole(file)).isTrue();
  }

  /** Each eight bytes of the header as a count, size or offset of a hostile kind. */
  @Test
  void hostileNumbersInAGgufHeaderAreRefusedOrHarmless() throws IOException {
    byte[] whole = Files.readAllBytes(ggufs().getFirst());
    Path file = Files.write(folder.resolve("model.gguf"), whole);
    int end = 7_616;
    long[] hostile = {
      0, -1, 1, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, (1L << 62) + 1, 1L << 61, 32
    };
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int at = 8; at < end; at += at < 700 || at > 5_700 ? 1 : 7) {
        for (long value : hostile) {
          channel.write(
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).flip(), at);
          opensWhole(file);
        }
        channel.write(ByteBuffer.wrap(whole, at, 8), at);
      }
    }
    assertThat(opensWhole(file)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("configs")
  void aChangedConfigIsRefusedOrRead(Path fixture) throws IOException {
    byte[] whole = Files.readAllBytes(fixture);
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= (byte) (1 << at % 8);
      readsOrRefuses(changed);
      readsOrRefuses(Arrays.copyOf(whole, at));
    }
  }

  private static void readsOrRefuses(byte[] config) throws IOException {
    try {
      JsonValue json = Json.parse(new ByteArrayInputStream(config), "config.json");
      assertThat(ModelConfig.parse(json).headSize()).isPositive();
    } catch (IOException e) {
      assertTyped(e);
    }
  }

  @Test
  void aChangedIndexIsRefusedOrHarmless() throws IOException {
    Path model = Fixtures.model("openai-gpt-lm-sharded");
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(Objects.requireNonNull(file.getFileName())));
      }
    }
    Path index = folder.resolve("model.safetensors.index.json");
    byte[] whole = Files.readAllBytes(index);
    try (FileChannel channel = FileChannel.open(index, StandardOpenOption.WRITE)) {
      for (int at = 0; at < whole.length; at++) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) (whole[at] ^ 1 << at % 8)}), at);
        try {
          opens(index);
        } catch (NoSuchFileException e) {
          assertThat(e).hasMessageContaining("this shard is missing");
        }
        channel.write(ByteBuffer.wrap(whole, at, 1), at);
      }
    }
    assertThat(opens(index)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("weights")
  void tensorsOfAChangedHeaderAreNeverReadOutsideTheFile(Path fixture) throws IOException {
    byte[] whole = Files.readAllBytes(fixture);
    String header = new String(whole, 8, headerBytes(whole), StandardCharsets.UTF_8);
    byte[] data = Arrays.copyOfRange(whole, 8 + headerBytes(whole), whole.length);
    Path file = folder.resolve("model.safetensors");
    String[] hostile = {
      "0",
      "-1",
      "1",
      "255",
      "2147483647",
      "2147483648",
      "4294967296",
      "4611686018427387904",
      "9223372036854775807",
      "9223372036854775808",
      "18446744073709551615",
      "1e3",
      "1.0",
      "null",
      "\"1\"",
      "[]",
      "{}",
      "true"
    };
    // The first numbers of the header: sizes and offsets of a few tensors.
    var numbers = Pattern.compile("(?<=[\\[,])\\d+(?=[\\],])").matcher(header);
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 12 && numbers.find(); i++) {
        for (String value : hostile) {
          String changed =
              header.substring(0, numbers.start()) + value + header.substring(numbers.end());
          // Truncating in place would make the file system write it out each time.
          Files.deleteIfExists(file);
          SafetensorsFile.write(file, changed, data);
          try (Checkpoint checkpoint = Checkpoint.open(file)) {
            for (TensorInfo tensor : checkpoint.tensors().values()) {
              checkpoint.floats(tensor, arena);
            }
          } catch (IOException e) {
            assertTyped(e);
          }
        }
      }
    }
  }
}
