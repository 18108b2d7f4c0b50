package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code fit}, from a TSV to a folder that {@code classify} opens. */
class FitTest {

  private static final String[] WEATHER = {
    "will it rain tomorrow", "is it sunny outside", "how cold is it today", "what is the forecast"
  };
  private static final String[] MUSIC = {
    "play some jazz", "turn up the song", "next song please", "play my favourite album"
  };

  @TempDir private Path dir;

  private Path data(String text) throws IOException {
    return Files.writeString(dir.resolve("train.tsv"), text);
  }

  private Path data() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < WEATHER.length; i++) {
      text.append(WEATHER[i]).append("\tweather\n").append(MUSIC[i]).append("\tmusic\n");
    }
    return data(text.toString());
  }

  private static JsonObject json(Run run) throws IOException {
    assertThat(run.exit()).as(run.err()).isZero();
    return Json.parse(run.out(), "stdout").asObject();
  }

  @ParameterizedTest
  @CsvSource({"last+mean,true", "last,false", "mean,true"})
  void makesAFolderThatClassifyOpens(String pooling, boolean bias) throws IOException {
    String out = dir.resolve("made").toString();
    String data = data().toString();
    Run run =
        bias
            ? Run.of("fit", "--data", data, "--out", out, "--json", "--pooling", pooling)
            : Run.of(
                "fit", "--data", data, "--out", out, "--json", "--pooling", pooling, "--no-bias");
    JsonObject fitted = json(run);
    assertThat(fitted.required("labels").asArray().get(0).asString()).isEqualTo("music");
    assertThat(fitted.required("labels").asArray().get(1).asString()).isEqualTo("weather");
    assertThat(fitted.required("examples").asInt()).isEqualTo(8);
    assertThat(fitted.required("accuracy").asDouble()).isBetween(0.0, 1.0);
    assertThat(fitted.required("seconds").asDouble()).isPositive();
    assertThat(fitted.required("pooling").asString()).isEqualTo(pooling);
    assertThat(fitted.required("bias").asBoolean()).isEqualTo(bias);
    JsonObject label = json(Run.of("classify", "-m", out, "--json", WEATHER[0]));
    assertThat(label.required("label").asString()).isEqualTo("weather");
    label = json(Run.of("classify", "-m", out, "--json", MUSIC[0]));
    assertThat(label.required("label").asString()).isEqualTo("music");
  }

  @Test
  void takesTheStrengthThatWasGiven() throws IOException {
    String out = dir.resolve("made").toString();
    Run run =
        Run.of("fit", "--data", data().toString(), "--out", out, "--c", "0.25", "--folds", "4");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).startsWith(out + ": 2 labels, ").contains("(C = 0.25)").endsWith(" s\n");
  }

  @Test
  void doesNotTouchWhatIsThere() throws IOException {
    Path out = Files.createDirectory(dir.resolve("made"));
    Run run = Run.of("fit", "--data", data().toString(), "--out", out.toString());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.errorLines()).singleElement().asString().contains("something already");
    assertThat(out).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({
    "'a\tx\nb\tx\n', all texts have one label",
    "'a\tx\n  \ty\n', line 2",
    "'a\tx\nb\t \n', line 2",
    "'a\n', line 1",
    "'', has no line"
  })
  void tellsWhatIsWrongWithTheData(String text, String expected) throws IOException {
    Path out = dir.resolve("made");
    Run run = Run.of("fit", "--data", data(text).toString(), "--out", out.toString());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.errorLines()).singleElement().asString().contains(expected);
    assertThat(out).doesNotExist();
  }

  @Test
  void cutsTextsThatAreTooLong() throws IOException {
    String out = dir.resolve("made").toString();
    Path data = data("rain ".repeat(2000) + "\tweather\nplay a song\tmusic\n");
    assertThat(Run.of("fit", "--data", data.toString(), "--out", out).exit()).isZero();
  }
}
