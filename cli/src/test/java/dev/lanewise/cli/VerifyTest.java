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
import org.junit.jupiter.params.provider.ValueSource;

/** {@code verify} with the runtime's fixtures and the models that ship. */
class VerifyTest {

  private static final Path FIXTURES = Models.ROOT.resolve("runtime/src/test/resources/models");

  @TempDir private Path dir;

  private static Run verify(Path model, Path expected, String... options) {
    String[] all = new String[options.length + 5];
    System.arraycopy(options, 0, all, 5, options.length);
    all[0] = "verify";
    all[1] = "-m";
    all[2] = model.toString();
    all[3] = "--expected";
    all[4] = expected.toString();
    return Run.of(all);
  }

  private Run verify(String expected) throws IOException {
    return verify(
        FIXTURES.resolve("openai-gpt-clf"), Files.writeString(dir.resolve("e.json"), expected));
  }

  @ParameterizedTest
  @CsvSource({
    "openai-gpt-clf,4",
    "gpt2-clf,4",
    "openai-gpt-lm,4",
    "gpt2-lm,4",
    "gpt2-lm-variants,1",
    "openai-gpt-lm-sharded,4"
  })
  void holdsTheFixtures(String name, int cases) throws IOException {
    Path folder = FIXTURES.resolve(name);
    Run run = verify(folder, folder.resolve("expected.json"), "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    JsonObject json = Json.parse(run.out(), "stdout").asObject();
    assertThat(json.required("cases").asInt()).isEqualTo(cases);
    assertThat(json.required("maxAbsDiff").asDouble()).isBetween(0.0, 1e-4);
    assertThat(json.required("ok").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"intents-gpt1", "tiny-gpt1-lm"})
  void holdsTheModelsThatShip(String name) {
    Path folder = Models.ROOT.resolve("models").resolve(name);
    Run run = verify(folder, folder.resolve("expected.json"));
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).matches("[0-9]+ cases, largest difference [0-9.e-]+\n");
  }

  @Test
  void tellsTheWorstAndFails() throws IOException {
    Path folder = FIXTURES.resolve("openai-gpt-clf");
    String expected =
        Files.readString(folder.resolve("expected.json")).replace("2.0340323", "2.5340323");
    Path file = Files.writeString(dir.resolve("e.json"), expected);
    Run run = verify(folder, file, "--json");
    assertThat(run.exit()).isEqualTo(1);
    JsonObject json = Json.parse(run.out(), "stdout").asObject();
    assertThat(json.required("ok").asBoolean()).isFalse();
    JsonObject worst = json.required("worst").asObject();
    assertThat(worst.required("case").asString()).isEqualTo("single[1]");
    assertThat(worst.required("column").asInt()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("lanewise: single[1], row 0, column 1: 2.03")
        .endsWith("the difference is 0.500, --tolerance allows 0.000100\n");
    assertThat(verify(folder, file, "--tolerance", "0.6").exit()).isZero();
  }

  @Test
  void takesTheLastRowsAlone() throws IOException {
    Path folder = FIXTURES.resolve("gpt2-lm");
    JsonObject all = Json.read(folder.resolve("expected.json")).asObject();
    JsonObject one = all.required("cases").asArray().get(0).asObject();
    var data = one.required("logits").asObject().required("data").asArray();
    StringBuilder last = new StringBuilder();
    for (int i = data.size() - 640; i < data.size(); i++) {
      last.append(last.isEmpty() ? "" : ",").append(data.get(i).asDecimal());
    }
    StringBuilder ids = new StringBuilder();
    for (var id : one.required("input_ids").asArray()) {
      ids.append(ids.isEmpty() ? "" : ",").append(id.asInt());
    }
    Path file =
        Files.writeString(
            dir.resolve("e.json"),
            "{\"cases\": [{\"input_ids\": [%s], \"logits\": {\"shape\": [2, 320], \"data\": [%s]}}]}"
                .formatted(ids, last));
    assertThat(verify(folder, file).exit()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|has no cases",
        "{\"cases\": []}|has no cases",
        "{\"cases\": [{\"input_ids\": [1]}]}|'cases[0]' has neither 'logits' nor 'token_logprobs'",
        "{\"cases\": [{\"logits\": {}}]}|input_ids",
        "{\"cases\": [{\"input_ids\": [1], \"logits\": {\"shape\": [2], \"data\":"
            + " [1]}}]}|'cases[0].logits.shape' does not fit the 1 numbers",
        "{\"cases\": [{\"input_ids\": [1], \"logits\": {\"shape\": [2], \"data\": [1,"
            + " 2]}}]}|cases[0] has 2 logits, but the model has 3 labels",
        "{\"cases\": [{\"input_ids\": [1], \"logits\": {\"shape\": [2, 1], \"data\": [1, 2]}}]}|has"
            + " 2 rows, but there are 1 ids",
        "{\"cases\": [{\"input_ids\": [1], \"token_logprobs\": [-1]}]}|has 1 numbers, expected one"
            + " for each of 1 ids but the first",
        "{\"cases\": [{\"input_ids\": [999], \"logits\": {\"shape\": [3], \"data\": [1, 2,"
            + " 3]}}]}|cases[0]: id 999",
        "{\"same_as\": \"e.json\"}|more than 8 files",
        "{\"same_as\": \"none.json\"}|'same_as' names a file that is not there",
        "[|JSON"
      })
  void refusesOtherFiles(String expected, String message) throws IOException {
    Run run = verify(expected);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).hasLineCount(1).startsWith("lanewise: ").contains(message);
  }
}
