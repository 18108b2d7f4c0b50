package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code classify --input}. */
class BatchTest {

  private static final String TSV = "hello there\tx\nsee you later\tx\nwhat is my balance\tx\n";

  @TempDir private Path dir;

  private String file(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text).toString();
  }

  private String path(String name) {
    return dir.resolve(name).toString();
  }

  private String read(String name) throws IOException {
    return Files.readString(dir.resolve(name));
  }

  private static Run classify(String input, String... options) {
    List<String> all = new ArrayList<>(List.of("classify", "--quiet", "--input", input));
    all.addAll(List.of(options));
    return Run.of(all.toArray(String[]::new));
  }

  private static List<String> labels(String jsonLines) throws IOException {
    List<String> labels = new ArrayList<>();
    for (String line : jsonLines.lines().toList()) {
      JsonObject json = Json.parse(line, "line").asObject();
      labels.add(json.string("label", "error " + json.string("error", "")));
    }
    return labels;
  }

  @Test
  void givesALineForEachRow() throws IOException {
    Run run = classify(file("t.tsv", TSV));
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(labels(run.out())).containsExactly("greeting", "goodbye", "balance");
    JsonObject first = Json.parse(run.out().lines().findFirst().orElse(""), "line").asObject();
    assertThat(first.members().keySet())
        .containsExactly(
            "label", "labelId", "probability", "scores", "tokens", "truncated", "windows");
    assertThat(first.required("scores").asArray().size()).isEqualTo(1);
  }

  @Test
  void findsTheColumn() throws IOException {
    String csv = "id,text\r\n7,\"hello\nthere\"\r\n8,\"see you, later\"\r\n";
    assertThat(labels(classify(file("t.csv", csv)).out())).containsExactly("greeting", "goodbye");
    assertThat(
            labels(
                classify(file("n.csv", "7,hello there\n8,see you\n"), "--text-column", "2").out()))
        .hasSize(2)
        .startsWith("greeting");
    assertThat(
            labels(
                classify(file("h.tsv", "label\tbody\nx\thello there\n"), "--text-column", "body")
                    .out()))
        .containsExactly("greeting");
    String json = "\"hello there\"\n{\"text\": \"see you later\"}\n{\"ids\": [8000, 1154, 8001]}\n";
    assertThat(labels(classify(file("t.jsonl", json)).out()))
        .containsExactly("greeting", "goodbye", "greeting");
    assertThat(
            labels(
                classify(file("b.jsonl", "{\"body\": \"hello there\"}\n"), "--text-column", "body")
                    .out()))
        .containsExactly("greeting");
    Run run = classify(file("u.csv", "id,body\n7,hello\n"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).hasLineCount(1).contains("line 1 of ", "no column is called 'text'");
  }

  @Test
  void isTheSameForEveryNumberOfThreads() throws IOException {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      many.append("please move ").append(i).append(" dollars ").append("now ".repeat(i % 7));
      many.append(i % 9 == 0 ? "\n\n" : "\n");
    }
    String input = file("t.tsv", many.toString());
    for (int threads : new int[] {1, 2, 5}) {
      Run run =
          classify(
              input,
              "--threads",
              "" + threads,
              "--on-error",
              "skip",
              "--output",
              path(threads + ".jsonl"));
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(run.out()).isEmpty();
    }
    assertThat(read("1.jsonl")).isEqualTo(read("2.jsonl")).isEqualTo(read("5.jsonl"));
    assertThat(read("1.jsonl")).hasLineCount(67);
  }

  @Test
  void stopsAtABadRowUnlessToldToSkipIt() throws IOException {
    String input = file("t.tsv", "hello there\n\nsee you later\n");
    Run run = classify(input, "--output", path("o.jsonl"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("lanewise: line 2 of " + input + ": the text is empty\n");
    assertThat(labels(read("o.jsonl"))).containsExactly("greeting");

    Run skipping =
        Run.of("classify", "--input", input, "--on-error", "skip", "--output", path("s.jsonl"));
    assertThat(skipping.exit()).isZero();
    assertThat(skipping.err())
        .startsWith("lanewise: line 2 of " + input + ": the text is empty; skipped\n")
        .matches("(?s).*: 3 rows, [0-9.,]+/s, 1 of them bad\n");
    List<String> lines = read("s.jsonl").lines().toList();
    assertThat(labels(read("s.jsonl")))
        .containsExactly("greeting", "error line 2 of " + input + ": the text is empty", "goodbye");
    assertThat(Json.parse(lines.get(1), "line").asObject().required("line").asInt()).isEqualTo(2);
  }

  @Test
  void tellsTheLineOfWhatItCannotRead() throws IOException {
    byte[] latin = "hello there\ncaf\u00e9\nsee you later\n".getBytes(StandardCharsets.ISO_8859_1);
    Path tsv = Files.write(dir.resolve("l.tsv"), latin);
    assertThat(labels(classify(tsv.toString(), "--on-error", "skip").out()))
        .satisfies(labels -> assertThat(labels.get(1)).contains("line 2 of ", "not UTF-8"))
        .hasSize(3);
    String json = file("t.jsonl", "\"hello there\"\n{\"text\": 1}\n{\"x\": \n\"see you later\"\n");
    assertThat(labels(classify(json, "--on-error", "skip").out()))
        .satisfies(labels -> assertThat(labels.get(1)).contains("line 2 of ", "expected a string"))
        .satisfies(labels -> assertThat(labels.get(2)).contains("line 3 of "))
        .hasSize(4);
    String csv = file("t.csv", "a,b\n\"hello\nthere\",1\nx\n\"see\" you,1\nsee you later,1\n");
    assertThat(labels(classify(csv, "--text-column", "2", "--on-error", "skip").out()))
        .satisfies(
            labels ->
                assertThat(labels.get(2))
                    .endsWith("line 4 of " + csv + ": the text is in column 2, but there are 1"))
        .satisfies(labels -> assertThat(labels.get(3)).contains("line 5 of ", "follows the quote"))
        .hasSize(5);
  }

  @Test
  void writesCsv() throws IOException {
    Run run =
        classify(
            file("t.tsv", "hello there\n\nsee you later\n"),
            "--on-error",
            "skip",
            "--min-probability",
            "0.5",
            "--output",
            path("o.csv"));
    assertThat(run.exit()).as(run.err()).isZero();
    List<String> lines = read("o.csv").lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.getFirst())
        .isEqualTo("label,labelId,probability,tokens,truncated,abstained,error");
    assertThat(lines.get(1)).matches("greeting,50,0\\.99[0-9]+,4,false,false,");
    assertThat(lines.get(2)).startsWith(",,,,,,line 2 of ");
  }

  @Test
  void resumesBehindTheLastWholeLine() throws IOException {
    String input = file("t.tsv", TSV);
    for (String name : List.of("o.jsonl", "o.csv")) {
      assertThat(classify(input, "--output", path(name)).exit()).isZero();
      String whole = read(name);
      for (int cut : new int[] {0, 1, whole.length() / 2, whole.length() - 1, whole.length()}) {
        file(name, whole.substring(0, cut));
        Run run = classify(input, "--output", path(name), "--resume");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(read(name)).isEqualTo(whole);
      }
    }
    Files.delete(dir.resolve("o.csv"));
    assertThat(classify(input, "--output", path("o.csv"), "--resume").exit()).isZero();
    assertThat(read("o.csv")).hasLineCount(4);
  }

  @Test
  void overwritesNothing() throws IOException {
    String input = file("t.tsv", TSV);
    file("o.jsonl", "mine\n");
    assertThat(classify(input, "--output", path("o.jsonl")).err())
        .hasLineCount(1)
        .contains("there is something already; --resume goes on with it");
    assertThat(read("o.jsonl")).isEqualTo("mine\n");
    file("o.jsonl", "{}\n".repeat(4));
    assertThat(classify(input, "--output", path("o.jsonl"), "--resume").err())
        .contains("--output has 4 lines of results, more than --input has rows");
    String json = file("same.jsonl", "\"hello\"\n");
    assertThat(classify(json, "--output", json, "--resume").err()).contains("the same file");
    assertThat(read("same.jsonl")).isEqualTo("\"hello\"\n");
  }
}
