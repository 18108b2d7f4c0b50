package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.AnswerScore;
import dev.lanewise.AnswerScore.By;
import dev.lanewise.TextScorer;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code score} with answers and files. */
class ScoreTest {

  @TempDir private Path dir;

  private static JsonObject json(Run run) throws IOException {
    assertThat(run.exit()).as(run.err()).isZero();
    return Json.parse(run.out(), "stdout").asObject();
  }

  private static void assertRanks(Run run, String context, List<String> answers, By by)
      throws IOException {
    JsonArray ranked = json(run).required("answers").asArray();
    try (TextScorer scorer = TextScorer.open(Path.of(Models.LANGUAGE))) {
      List<AnswerScore> expected = scorer.rank(context, answers, by);
      assertThat(ranked.size()).isEqualTo(expected.size());
      for (int i = 0; i < expected.size(); i++) {
        JsonObject answer = ranked.get(i).asObject();
        assertThat(answer.required("text").asString()).isEqualTo(expected.get(i).text());
        assertThat(answer.required("index").asInt()).isEqualTo(expected.get(i).index());
        assertThat(answer.required("logProb").asDouble()).isEqualTo(expected.get(i).logProb());
        assertThat(answer.required("logProbPerToken").asDouble())
            .isEqualTo(expected.get(i).logProbPerToken());
        assertThat(answer.required("probability").asDouble())
            .isEqualTo(expected.get(i).probability());
      }
    }
  }

  @Test
  void ranksAnswers() throws IOException {
    List<String> answers = List.of("home", "to the sea", "zebra");
    String context = "the old man went";
    assertRanks(
        Run.of("score", context, "--answers", "home", "to the sea", "zebra", "--json"),
        context,
        answers,
        By.SUM);
    assertRanks(
        Run.of(
            "score",
            "--context",
            context,
            "--json",
            "--by",
            "token",
            "--answers",
            "home",
            "to the sea",
            "zebra"),
        context,
        answers,
        By.PER_TOKEN);
  }

  @Test
  void putsTextsIntoATemplate() throws IOException {
    Run run =
        Run.withText(
            "the sea\n",
            "score",
            "-",
            "--template",
            "{} and {} were",
            "--json",
            "--answers",
            "blue",
            "red");
    assertRanks(run, "the sea and the sea were", List.of("blue", "red"), By.SUM);
    Run table = Run.of("score", "the sea", "--template", "{} was", "--answers", "blue", "red");
    assertThat(table.out().lines()).hasSize(2).allMatch(line -> line.matches(" *[0-9.]+% .*"));
  }

  @Test
  void scoresAFileOfAnyLength() throws IOException {
    String text = "it was the best of times and it was the worst of times\n".repeat(30);
    Path file = Files.writeString(dir.resolve("long.txt"), text);
    JsonObject json = json(Run.of("score", "--file", file.toString(), "--stride", "64", "--json"));
    try (TextScorer scorer = TextScorer.open(Path.of(Models.LANGUAGE))) {
      assertThat(json.required("logProb").asDouble())
          .isEqualTo(scorer.perplexity(text, 64, done -> {}).logProb());
      assertThat(json.required("stride").asInt()).isEqualTo(64);
      assertThat(json.required("scored").asInt())
          .isEqualTo(scorer.tokenizer().encode(text).length - 1);
    }
    assertThat(Run.of("score", "--file", file.toString()).out()).startsWith("perplexity ");
  }

  @Test
  void tellsWhatIsWrongWithAFile() throws IOException {
    Path file = Files.write(dir.resolve("broken.txt"), new byte[] {'a', (byte) 0xff});
    assertFails(Run.of("score", "--file", file.toString()), "is not UTF-8");
    assertFails(Run.of("score", "--file", Files.writeString(file, " ").toString()), "no tokens");
    assertFails(Run.of("score", "--file", file + "x"), "no such file");
    Files.writeString(file, "it was");
    assertFails(Run.of("score", "--file", file.toString(), "--stride", "256"), "stride must be");
  }

  private static void assertFails(Run run, String expected) {
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.errorLines()).singleElement().asString().contains(expected);
  }
}
