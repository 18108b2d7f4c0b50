package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.FeatureExtractor;
import dev.lanewise.Truncation;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code features}, against the library's states, which the fixtures hold to the reference. */
class FeaturesTest {

  private static final String TEXT = "the old man went home";

  @TempDir private Path dir;

  private static float[] floats(JsonArray array) throws IOException {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }

  private static JsonObject json(String line) throws IOException {
    return Json.parse(line, "stdout").asObject();
  }

  @Test
  void givesOneVectorOfEachText() throws IOException {
    Run run = Run.of("features", TEXT, "hello", "--json", "--layer", "1", "--pooling", "last+mean");
    assertThat(run.exit()).as(run.err()).isZero();
    String[] lines = run.out().split("\n", -1);
    assertThat(lines).hasSize(3);
    JsonObject first = json(lines[0]);
    try (FeatureExtractor extractor = FeatureExtractor.open(Path.of(Models.LANGUAGE))) {
      assertThat(floats(first.required("features").asArray()))
          .containsExactly(extractor.pooled(TEXT, 1, Pooling.LAST_AND_MEAN, Truncation.ERROR));
      assertThat(first.required("tokens").asInt())
          .isEqualTo(extractor.encode(TEXT, Truncation.ERROR).length);
    }
    assertThat(first.required("layer").asInt()).isEqualTo(1);
    assertThat(first.required("pooling").asString()).isEqualTo("last+mean");
    assertThat(first.required("truncated").asBoolean()).isFalse();
  }

  @Test
  void givesOneVectorOfEachToken() throws IOException {
    Run run = Run.of("features", TEXT, "--json", "--per-token");
    JsonArray states = json(run.out()).required("features").asArray();
    Run table = Run.of("features", TEXT, "--per-token");
    String[] lines = table.out().split("\n", -1);
    try (FeatureExtractor extractor = FeatureExtractor.open(Path.of(Models.LANGUAGE))) {
      float[][] expected = extractor.states(TEXT, extractor.layers(), Truncation.ERROR);
      assertThat(states.size()).isEqualTo(expected.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat(floats(states.get(i).asArray())).containsExactly(expected[i]);
        String[] numbers = lines[i].split("\t", -1);
        assertThat(numbers).hasSameSizeAs(expected[i]);
        assertThat(Float.parseFloat(numbers[3])).isEqualTo(expected[i][3]);
      }
    }
  }

  @Test
  void writesOneArrayOfAllTexts() throws IOException {
    Path npy = dir.resolve("states.npy");
    Run run = Run.withText(TEXT + "\nhello\n", "features", "-", "--npy", npy.toString());
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(npy)).order(ByteOrder.LITTLE_ENDIAN);
    try (FeatureExtractor extractor = FeatureExtractor.open(Path.of(Models.LANGUAGE))) {
      float[] expected =
          extractor.pooled("hello", extractor.layers(), Pooling.LAST, Truncation.ERROR);
      float[] second = new float[expected.length];
      bytes.position(128 + 4 * expected.length);
      bytes.asFloatBuffer().get(second);
      assertThat(second).containsExactly(expected);
      assertThat(bytes.limit()).isEqualTo(128 + 2 * 4 * expected.length);
    }
  }

  @Test
  void leavesNoArrayAfterAnError() {
    Path npy = dir.resolve("states.npy");
    Run run = Run.withText(TEXT + "\n\n", "features", "-", "--npy", npy.toString());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.errorLines()).singleElement().asString().contains("line 2 of stdin");
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void tellsThatATextWasCut() throws IOException {
    String text = "home ".repeat(1000);
    assertThat(Run.of("features", text).exit()).isEqualTo(1);
    Run run = Run.of("features", text, "--json", "--truncation", "end");
    assertThat(json(run.out()).required("truncated").asBoolean()).isTrue();
  }

  @Test
  void refusesALayerThatTheModelLacks() {
    Run run = Run.of("features", TEXT, "--layer", "99");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.errorLines()).singleElement().asString().contains("layer must be 0 to");
  }
}
