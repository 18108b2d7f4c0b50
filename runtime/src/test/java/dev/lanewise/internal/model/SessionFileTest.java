package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.Session;
import dev.lanewise.TextGenerator;
import dev.lanewise.WeightType;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kept texts that are saved and read back, and files that are none of these. */
class SessionFileTest {

  private static final Path MODEL = Path.of("..", "models", "tiny-gpt1-lm");
  private static final GenerationOptions OPTIONS = GenerationOptions.greedy().withMaxTokens(5);

  private static TextGenerator generator;

  @TempDir private Path dir;

  @BeforeAll
  static void open() throws IOException {
    generator = TextGenerator.open(MODEL, ModelOptions.defaults().withThreads(1));
  }

  @AfterAll
  static void close() {
    generator.close();
  }

  private static int[] ids(int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> (17 * i + 5) % 3000);
    return ids;
  }

  private byte[] saved(int count) throws IOException {
    Path file = dir.resolve("saved");
    try (Session session = generator.newSession()) {
      session.append(ids(count));
      session.nextLogits();
      session.save(file);
    }
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 191, 192, 193, 240})
  void goesOnAsIfNothingHadHappened(int count) throws IOException {
    Path file = dir.resolve("session");
    List<Integer> expected;
    try (Session session = generator.newSession()) {
      session.append(ids(count));
      session.generate(OPTIONS); // the last token has no keys and values
      session.save(file);
      expected = session.generate(OPTIONS).tokens();
    }
    try (Session session = generator.openSession(file)) {
      assertThat(session.length()).isEqualTo(count + 5);
      assertThat(session.generate(OPTIONS).tokens()).isEqualTo(expected);
    }
    assertThat(dir.toFile().list()).containsExactly("session");
  }

  @Test
  void savesATextThatNothingWasAskedOf() throws IOException {
    Path file = Files.writeString(dir.resolve("session"), "is replaced");
    try (Session session = generator.newSession()) {
      session.save(file);
      session.append("it was");
      session.save(file);
    }
    try (Session session = generator.openSession(file)) {
      assertThat(session.generate(OPTIONS).text())
          .isEqualTo(generator.generate("it was", OPTIONS).text());
    }
  }

  @Test
  void refusesAnotherModelAndOtherWeights() throws IOException {
    Path file = dir.resolve("saved");
    saved(3);
    try (TextGenerator other =
        TextGenerator.open(Path.of("src/test/resources/models/gpt2-lm-variants"))) {
      assertThatThrownBy(() -> other.openSession(file))
          .isInstanceOf(IncompatibleCheckpointException.class)
          .hasMessageContaining("is of a model with layers");
    }
    try (TextGenerator rounded =
        TextGenerator.open(MODEL, ModelOptions.defaults().withWeights(WeightType.Q8_0))) {
      assertThatThrownBy(() -> rounded.openSession(file))
          .isInstanceOf(IncompatibleCheckpointException.class)
          .hasMessageContaining("was saved from another model");
    }
    assertThatThrownBy(() -> generator.openSession(dir.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void refusesEveryLengthButTheRightOne() throws IOException {
    byte[] file = saved(3);
    for (int length : new int[] {0, 1, 8, 63, 71, 72, 128, file.length - 8, file.length - 1}) {
      assertBroken(Arrays.copyOf(file, length));
    }
    assertBroken(Arrays.copyOf(file, file.length + 1));
  }

  @Test
  void refusesEveryFlippedByteOfTheHeaderAndSomeOfTheData() throws IOException {
    byte[] file = saved(3);
    for (int at = 0; at < file.length; at += at < 200 ? 1 : file.length / 50) {
      byte[] flipped = file.clone();
      flipped[at] ^= 0x40;
      assertBroken(flipped);
    }
  }

  /** Numbers that somebody chose, under a checksum that is right. */
  @Test
  void refusesNumbersOutOfRangeThoughTheChecksumIsRight() throws IOException {
    byte[] file = saved(3);
    for (int value : new int[] {-1, 0x7fffffff, 0x80000000, 600}) {
      for (int at = 8; at < 32; at += 4) {
        assertBroken(with(file, at, value));
      }
    }
    for (int id : new int[] {-1, 0x7fffffff, generator.config().vocabSize()}) {
      assertBroken(with(file, 64, id));
    }
  }

  private static byte[] with(byte[] file, int at, int value) {
    byte[] changed = file.clone();
    ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(at, value);
    CRC32C crc = new CRC32C();
    crc.update(changed, 0, changed.length - 8);
    bytes.putLong(changed.length - 8, crc.getValue());
    return changed;
  }

  private void assertBroken(byte[] bytes) throws IOException {
    Path file = Files.write(dir.resolve("broken"), bytes);
    assertThatThrownBy(() -> generator.openSession(file))
        .isInstanceOfAny(MalformedCheckpointException.class, IncompatibleCheckpointException.class)
        .hasMessageContaining("broken: ");
  }
}
