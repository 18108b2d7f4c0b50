package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code classify --explain}. */
class ExplainTest {

  @TempDir private Path dir;

  @Test
  void listsWordsAndTheirEffects() {
    Run run = Run.of("classify", "--explain", "move dollars to savings!");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .matches(
            """
            transfer +[0-9.]+ %
             +[+-][0-9.]+  move
             +[+-][0-9.]+  dollars
             +[+-][0-9.]+  to
             +[+-][0-9.]+  savings
            """);
    assertThat(Run.of("classify", "--explain", "hello").out())
        .matches("greeting +[0-9.]+ %\n +-  hello\n");
  }

  @Test
  void saysSoInJson() throws IOException {
    Run run = Run.of("classify", "--explain", "--json", "move dollars");
    JsonObject json = Json.parse(run.out(), "stdout").asObject();
    var effects = json.required("effects").asArray();
    assertThat(effects.size()).isEqualTo(2);
    assertThat(effects.get(0).asObject().required("word").asString()).isEqualTo("move");
    assertThat(effects.get(1).asObject().required("effect").asDouble()).isGreaterThan(0);
    json = Json.parse(Run.of("classify", "--explain", "--json", "hello").out(), "").asObject();
    var alone = json.required("effects").asArray().get(0).asObject();
    assertThat(alone.required("effect").isNull()).isTrue();
  }

  @Test
  void colorsWordsOnATerminal() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console terminal =
        new Console(
            new ByteArrayInputStream(new byte[0]),
            out,
            OutputStream.nullOutputStream(),
            true,
            false,
            true);
    List<String> args = List.of("classify", "--explain", "move dollars to savings");
    new Cli(terminal, (a, computes) -> OptionalInt.empty()).run(args);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("\u001b[97;48;5;34m");
    assertThat(terminal.shade("x", -1)).isEqualTo("\u001b[97;48;5;160mx\u001b[0m");
    assertThat(terminal.shade("x", 0.1)).isEqualTo("x");
    assertThat(terminal.shade("x", 0)).isEqualTo("x");
  }

  @Test
  void writesAPageThatIsEscaped() throws IOException {
    Path page = dir.resolve("page.html");
    Run run =
        Run.of(
            "classify",
            "--explain-html",
            page.toString(),
            "<script>alert('x')</script> & \"dollars\"",
            "hello");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Files.readString(page))
        .startsWith("<!DOCTYPE html>")
        .endsWith("</html>\n")
        .doesNotContain("<script", "alert('x')", "http://", "https://")
        .contains("&lt;", "&amp;", "&#39;", "&quot;", ">dollars</span>", "greeting, ");
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).containsExactly(page);
    }
  }

  @Test
  void leavesNoPageBehindAnError() throws IOException {
    Path page = dir.resolve("page.html");
    Run run = Run.of("classify", "--explain-html", page.toString(), "hello", " ");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).hasLineCount(1).contains("text 2: ");
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files).isEmpty();
    }
  }
}
