package dev.lanewise.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be used: exit code 1, one line with what and where, nothing on stdout. */
class BadInputTest {

  private static final String LFS_POINTER =
      """
      version https://git-lfs.github.com/spec/v1
      oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
      size 13790368
      """;

  @TempDir private Path folder;

  private static void assertRefused(Run run, String... parts) {
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.errorLines()).hasSize(1);
    assertThat(run.errorLines().getFirst()).startsWith("lanewise: ").contains(parts);
    assertThat(run.err()).doesNotContain("\tat ", "Exception");
  }

  private void assertWeightsRefused(byte[] weights, String... parts) throws IOException {
    String model = Models.withWeights(folder.resolve("m"), weights).toString();
    String file = model + "/model.safetensors";
    for (String path : List.of(model, file)) {
      assertRefused(Run.of("classify", "hello", "-m", path), parts);
      assertRefused(Run.of("generate", "hello", "-m", path), parts);
      assertRefused(Run.of("score", "hello", "-m", path), parts);
      assertRefused(Run.of("inspect", path), parts);
    }
  }

  @Test
  void refusesCutWeights() throws IOException {
    assertWeightsRefused(
        Arrays.copyOf(Models.weights(), 1_000_000), "model.safetensors", "the file is cut");
  }

  @Test
  void refusesWeightsThatEndInTheHeader() throws IOException {
    assertWeightsRefused(Arrays.copyOf(Models.weights(), 100), "model.safetensors");
  }

  @Test
  void refusesEmptyWeights() throws IOException {
    assertWeightsRefused(new byte[0], "model.safetensors", "empty");
  }

  @Test
  void refusesAnLfsPointer() throws IOException {
    assertWeightsRefused(LFS_POINTER.getBytes(UTF_8), "model.safetensors", "Git LFS pointer");
  }

  @Test
  void refusesAnHtmlPage() throws IOException {
    assertWeightsRefused(
        "<!DOCTYPE html><html><body>Not found</body></html>".getBytes(UTF_8),
        "model.safetensors",
        "HTML");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void refusesRandomBytes(long seed) throws IOException {
    byte[] random = new byte[100_000];
    new Random(seed).nextBytes(random);
    assertWeightsRefused(random, "model.safetensors");
  }

  @Test
  void refusesWeightsOfNaN() throws IOException {
    String model = Models.withWeights(folder.resolve("m"), Models.weightsOfNaN()).toString();
    assertRefused(Run.of("classify", "hello", "-m", model), "NaN");
    assertRefused(Run.of("classify", "hello", "--json", "-m", model), "NaN");
    assertRefused(Run.of("generate", "hello", "-m", model), "NaN");
    assertRefused(Run.of("generate", "hello", "--seed", "1", "-m", model), "NaN");
    assertRefused(Run.of("score", "hello you", "-m", model), "NaN");
  }

  @Test
  void refusesAFolderWithoutConfig() throws IOException {
    Path model = Models.without(folder.resolve("m"), List.of("config.json"));
    assertRefused(Run.of("classify", "hello", "-m", model.toString()), "config.json");
  }

  @Test
  void refusesTextWithoutTokenizerButTakesIds() throws IOException {
    String model = Models.withoutTokenizer(folder.resolve("m")).toString();
    assertRefused(Run.of("classify", "hello", "-m", model), model, "tokenizer.json");
    assertRefused(Run.of("tokenize", "hello", "-m", model), model, "tokenizer.json");
    Run ids = Run.of("classify", "--ids", "8000,1154,8001", "-m", model);
    assertThat(ids.exit()).isZero();
    assertThat(ids.out()).startsWith("greeting ");
  }

  @Test
  void listsProblemsOfAModelThatOpens() throws IOException {
    Path model = Models.without(folder.resolve("m"), List.of("config.json"));
    Run run = Run.of("inspect", model.toString(), "--json");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.errorLines()).hasSize(1);
    assertThat(run.out()).contains("\"config\":null", "\"problems\":[\"", "config.json");
  }

  @Test
  void listsTheProblemsOfAModelThatDoesNotOpen() throws IOException {
    Path model = Models.withWeights(folder.resolve("m"), LFS_POINTER.getBytes(UTF_8));
    Files.writeString(model.resolve("config.json"), "<!DOCTYPE html>");
    Run run = Run.of("inspect", model.toString(), "--json");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out())
        .contains("config.json: is an HTML page, not JSON", "is a Git LFS pointer, not weights");
    assertThat(run.errorLines()).hasSize(1);
    assertThat(run.errorLines().getFirst()).endsWith("(and 1 more, see 'problems')");
    Run table = Run.of("inspect", model.toString());
    assertThat(table.out()).isEmpty();
    assertThat(table.errorLines()).hasSize(1);
    assertThat(table.errorLines().getFirst()).contains("HTML page", "LFS pointer");
  }

  @Test
  void refusesAMissingPathAndAFolderWithoutWeights() throws IOException {
    String missing = folder.resolve("missing").toString();
    String empty = Files.createDirectory(folder.resolve("empty")).toString();
    for (String path : List.of(missing, empty)) {
      assertRefused(Run.of("classify", "hello", "-m", path), path);
      assertRefused(Run.of("generate", "hello", "-m", path), path);
      assertRefused(Run.of("score", "hello", "-m", path), path);
      assertRefused(Run.of("tokenize", "hello", "-m", path), path);
      assertRefused(Run.of("inspect", path), path);
    }
  }

  @Test
  void refusesAFolderInPlaceOfAFile() throws IOException {
    Path model = folder.resolve("m");
    Files.createDirectories(model.resolve("model.safetensors"));
    assertRefused(Run.of("classify", "hello", "-m", model.toString()), "model.safetensors");
  }

  @Test
  void refusesAFileOfAnotherKind() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "nothing to see here");
    assertRefused(Run.of("classify", "hello", "-m", text.toString()), "notes.txt");
  }

  @Test
  void refusesAPathThatIsNone() {
    assertRefused(Run.of("classify", "hello", "-m", "a\0b"), "a\\u0000b");
  }

  @Test
  void saysBothLengthsOfATextThatIsTooLong() {
    String text = "hello ".repeat(400);
    assertRefused(Run.of("classify", text), "402", "256");
    assertRefused(Run.of("generate", text), "400", "256");
    assertRefused(Run.of("score", text), "400", "256");
  }

  @Test
  void cutsATextThatIsTooLongWhenAsked() {
    String text = "hello ".repeat(300) + "freeze my account";
    Run start = Run.of("classify", text, "--truncation", "start", "--json");
    assertThat(start.out()).contains("\"truncated\":true", "\"tokens\":256", "\"greeting\"");
    Run end = Run.of("classify", text, "--truncation", "end", "--json");
    assertThat(end.out()).contains("\"truncated\":true", "\"tokens\":256");
    assertThat(end.out()).isNotEqualTo(start.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"8003", "-1", "2147483647", "-2147483648", "99999999999999999999"})
  void refusesIdsOutOfRange(String id) {
    assertRefused(Run.of("classify", "--ids=8000," + id), "id " + id, "out of range");
    assertRefused(Run.of("generate", "--ids=" + id), "id " + id, "out of range");
    assertRefused(Run.of("score", "--ids=" + id), "id " + id, "out of range");
    assertRefused(Run.of("tokenize", "--decode", "--ids=" + id), "id " + id, "out of range");
  }

  @Test
  void refusesNoIds() {
    assertRefused(Run.of("classify", "--ids", ""), "no ids");
  }

  @Test
  void refusesAnEmptyText() {
    for (String command : List.of("classify", "generate", "score")) {
      assertRefused(Run.of(command, ""), "empty");
      assertRefused(Run.of(command, " \t"), "no tokens");
    }
    assertRefused(Run.of("score", "", "--context", "hello"), "empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud800", "a\\udc00b", "\\ud83d", "\\udc4b\\ud83d"})
  void refusesUnpairedSurrogates(String escaped) {
    for (String command : List.of("classify", "generate", "score", "tokenize")) {
      assertRefused(
          Run.withText("\"" + escaped + "\"\n", command, "-", "--jsonl"),
          "line 1 of stdin",
          "surrogate");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "a\udc00b", "\ud83d", "\udc4b\ud83d"})
  void refusesUnpairedSurrogatesInArguments(String text) {
    for (String command : List.of("classify", "generate", "score", "tokenize")) {
      assertRefused(Run.of(command, text), "surrogate");
    }
  }

  @Test
  void saysWhichLineIsBadAfterTheGoodOnes() {
    Run run = Run.withText("hello\n\nbye\n", "classify", "-", "--json");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.err()).isEqualTo("lanewise: line 2 of stdin: the text is empty\n");
  }

  @Test
  void saysWhichArgumentIsBad() {
    Run run = Run.of("classify", "hello", "");
    assertThat(run.err()).isEqualTo("lanewise: text 2: the text is empty\n");
  }

  @Test
  void refusesBytesThatAreNoUtf8() {
    Run run = Run.withInput(new byte[] {'a', (byte) 0xE9, '\n'}, "classify", "-");
    assertRefused(run, "line 1 of stdin: not UTF-8 at byte 2 (0xe9)");
  }

  @Test
  void refusesALanguageModelToClassify() {
    assertRefused(Run.of("classify", "hello", "-m", Models.LANGUAGE), "score.weight");
  }

  @Test
  void showsAStackTraceWhenAsked() {
    Run run = Run.of("classify", "", "--stacktrace");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("the text is empty", "\tat dev.lanewise.");
  }
}
