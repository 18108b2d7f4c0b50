package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.FinishReason;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.Session;
import dev.lanewise.TextGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a listener hears, and where stop strings end a text. */
class StreamingTest {

  private static final Path MODEL = Path.of("..", "models", "tiny-gpt1-lm");

  private static TextGenerator generator;

  @BeforeAll
  static void open() throws IOException {
    generator = TextGenerator.open(MODEL, ModelOptions.defaults().withThreads(1));
  }

  @AfterAll
  static void close() {
    generator.close();
  }

  private static GenerationOptions options(int i) {
    return (i % 2 == 0
            ? GenerationOptions.greedy()
            : GenerationOptions.sampling().withTemperature(1.3).withSeed(i))
        .withMaxTokens(16);
  }

  private static String prompt(int i) {
    List<String> words = List.of("it was", "the day", "i want", "she said", "a man", "why not");
    return words.get(i % words.size()) + " " + words.get((i / 6) % words.size());
  }

  /** Every place of each text is a place to stop at, for the plain way and the guessing one. */
  @Test
  void endsBeforeTheStopString() {
    for (int i = 0; i < 20; i++) {
      Generation whole = generator.generate(prompt(i), options(i));
      for (int from = 0; from + 3 <= whole.text().length(); from += 7) {
        String stop = whole.text().substring(from, from + 3);
        int first = whole.text().indexOf(stop);
        GenerationOptions stopping =
            options(i).withStopStrings(List.of(stop, "never so")).withLookup(i % 3 * 4);
        List<String> pieces = new ArrayList<>();
        Generation cut = generator.generate(prompt(i), stopping, pieces::add);
        assertThat(cut.text()).isEqualTo(whole.text().substring(0, first));
        assertThat(String.join("", pieces)).isEqualTo(cut.text());
        assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(cut.stopString()).contains(stop);
        assertThat(cut.stopId()).isEmpty();
        assertThat(whole.tokens().subList(0, cut.tokens().size())).isEqualTo(cut.tokens());
      }
    }
  }

  @Test
  void tellsAllThatWasHeldBackWhereNoStopStringCame() {
    for (int i = 0; i < 20; i++) {
      Generation whole = generator.generate(prompt(i), options(i));
      String end = whole.text().substring(whole.text().length() - 2);
      List<String> pieces = new ArrayList<>();
      Generation same =
          generator.generate(
              prompt(i), options(i).withStopStrings(List.of(end + "never so")), pieces::add);
      assertThat(same.text()).isEqualTo(whole.text());
      assertThat(String.join("", pieces)).isEqualTo(whole.text());
      assertThat(same.stopString()).isEmpty();
      assertThat(same.finishReason()).isEqualTo(whole.finishReason());
      assertThat(pieces).doesNotContain("");
    }
  }

  @Test
  void endsWhereItsListenerSaysSo() {
    int[] pieces = new int[1];
    Generation cut = generator.generate("it was", options(0), piece -> ++pieces[0] < 3);
    assertThat(pieces[0]).isEqualTo(3);
    assertThat(cut.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(generator.generate("it was", options(0)).text()).startsWith(cut.text());
  }

  @Test
  void endsWhereItsThreadIsInterrupted() {
    Generation cut =
        generator.generate(
            "it was",
            options(0),
            piece -> {
              Thread.currentThread().interrupt();
              return true;
            });
    assertThat(Thread.interrupted()).isTrue(); // left for the caller to see
    assertThat(cut.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(cut.tokens()).hasSize(1);
  }

  @Test
  void leavesTheTokensOfTheStopStringInASession() {
    String stop = generator.generate("it was", options(0)).text().substring(6, 9);
    try (Session session = generator.newSession()) {
      session.append("it was");
      int before = session.length();
      Generation cut = session.generate(options(0).withStopStrings(List.of(stop)));
      assertThat(cut.stopString()).contains(stop);
      assertThat(session.length()).isEqualTo(before + cut.tokens().size());
    }
  }

  @Test
  void refusesStringsThatCannotStopAnything(@TempDir Path dir) throws IOException {
    assertThatThrownBy(() -> options(0).withStopStrings(List.of("a", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> options(0).withStopStrings(List.of("\ud83d")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(MODEL.resolve(file), dir.resolve(file));
    }
    try (TextGenerator bare = TextGenerator.open(dir)) {
      assertThatThrownBy(
              () ->
                  bare.generate(
                      new int[] {1}, options(0).withStopStrings(List.of("a")), piece -> true))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("tokenizer");
    }
  }
}
