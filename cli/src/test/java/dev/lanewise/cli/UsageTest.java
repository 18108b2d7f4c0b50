package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong usage: exit code 2, one line on stderr, nothing on stdout, no model needed. */
class UsageTest {

  @Test
  void namesTheCommandThatWasMeant() {
    Run run = Run.of("clasify", "hello");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "lanewise: unknown command 'clasify', did you mean 'classify'?; see 'lanewise"
                + " --help'\n");
  }

  @Test
  void suggestsNothingForWhatResemblesNothing() {
    assertThat(Run.of("frobnicate").err())
        .isEqualTo("lanewise: unknown command 'frobnicate'; see 'lanewise --help'\n");
  }

  @Test
  void wantsACommand() {
    Run run = Run.of();
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("lanewise: missing command; see 'lanewise --help'\n");
  }

  static Stream<List<String>> wrongUsage() {
    return Stream.of(
        List.of("classify"),
        List.of("classify", "a", "-"),
        List.of("classify", "a", "--jsonl"),
        List.of("classify", "a", "--ids", "1"),
        List.of("classify", "--ids", "1,x"),
        List.of("classify", "--ids", "1,,2"),
        List.of("classify", "--ids", "1.5"),
        List.of("classify", "a", "--top", "0"),
        List.of("classify", "a", "--top", "many"),
        List.of("classify", "a", "--json", "--json"),
        List.of("classify", "a", "--threads", "0"),
        List.of("classify", "a", "--threads", "1025"),
        List.of("classify", "a", "--threads", "two"),
        List.of("classify", "a", "--kernels", "VECTOR"),
        List.of("classify", "a", "--truncation", "middle"),
        List.of("classify", "a", "-m"),
        List.of("classify", "a", "--pair", "b", "--choices", "c"),
        List.of("classify", "--ids", "1", "--pair", "b"),
        List.of("classify", "a", "--choices"),
        List.of("classify", "a", "--task", "translation"),
        List.of("classify", "a", "--pooling", "mean"),
        List.of("classify", "a", "--problem-type", "other"),
        List.of("classify", "a", "--window-stride", "0"),
        List.of("classify", "a", "--min-probability", "1.5"),
        List.of("classify", "a", "--min-probability", "NaN"),
        List.of("generate"),
        List.of("generate", "a", "b"),
        List.of("generate", "a", "--max-tokens", "-1"),
        List.of("generate", "a", "--max-tokens", "2147483648"),
        List.of("generate", "a", "--temperature", "-0.5"),
        List.of("generate", "a", "--temperature", "NaN"),
        List.of("generate", "a", "--temperature", "Infinity"),
        List.of("generate", "a", "--top-k", "-1"),
        List.of("generate", "a", "--seed", "1e9"),
        List.of("generate", "a", "--stop", ""),
        List.of("generate", "a", "--stop-ids", "1,x"),
        List.of("generate", "a", "--ban-ids", "-4"),
        List.of("generate", "a", "--ban-ids", "2147483648"),
        List.of("generate", "a", "--logit-bias", "5"),
        List.of("generate", "a", "--logit-bias", "5=NaN"),
        List.of("generate", "a", "--logit-bias", "-5=1"),
        List.of("classify", "a", "--copy", "--weights", "mapped"),
        List.of("classify", "a", "--min-probability", "1.5"),
        List.of("classify", "a", "--min-probability", "NaN"),
        List.of("classify", "--output", "a.jsonl"),
        List.of("classify", "a", "--input", "b.tsv"),
        List.of("classify", "--jsonl", "--input", "b.tsv"),
        List.of("classify", "--ids", "1", "--input", "b.tsv"),
        List.of("classify", "--input", "b.txt"),
        List.of("classify", "--input", "b.tsv", "--output", "c.tsv"),
        List.of("classify", "--input", "b.tsv", "--resume"),
        List.of("classify", "--input", "b.tsv", "--on-error", "ignore"),
        List.of("classify", "--input", "b.tsv", "--text-column", "0"),
        List.of("classify", "--input", "b.jsonl", "--text-column", "1"),
        List.of("evaluate"),
        List.of("evaluate", "a", "--data", "b"),
        List.of("evaluate", "--data", "b", "--lambda", "-1"),
        List.of("calibrate", "--data", "b"),
        List.of("verify", "-m", "a"),
        List.of("verify", "-m", "a", "--expected", "b", "--tolerance", "-1"),
        List.of("score"),
        List.of("score", "--ids", "1", "--context", "a"),
        List.of("score", "--ids", "1", "--answers", "a"),
        List.of("score", "--answers", "a"),
        List.of("score", "a", "--by", "token"),
        List.of("score", "a", "--template", "{}"),
        List.of("score", "a", "--template", "b", "--answers", "c"),
        List.of("score", "a", "--answers", "b", "--by", "length"),
        List.of("score", "a", "--context", "b", "--answers", "c"),
        List.of("score", "a", "--stride", "3"),
        List.of("score", "a", "--file", "b"),
        List.of("score", "--file", "b", "--stride", "0"),
        List.of("tokenize"),
        List.of("tokenize", "a", "--specials", "drop"),
        List.of("tokenize", "a", "--decode"),
        List.of("tokenize", "--ids", "1"),
        List.of("inspect"),
        List.of("generate", "a", "--lookup", "-1"),
        List.of("generate", "a", "--lookup", "65"),
        List.of("generate", "a", "--lookup", "2147483648"),
        List.of("fit", "--data", "a"),
        List.of("fit", "--out", "a"),
        List.of("fit", "--data", "a", "--out", "b", "--c", "0"),
        List.of("fit", "--data", "a", "--out", "b", "--c", "0.1,NaN"),
        List.of("fit", "--data", "a", "--out", "b", "--folds", "1"),
        List.of("fit", "--data", "a", "--out", "b", "--pooling", "max"),
        List.of("features"),
        List.of("features", "a", "--layer", "x"),
        List.of("features", "a", "--truncation", "window"),
        List.of("features", "a", "--per-token", "--pooling", "mean"),
        List.of("features", "a", "--json", "--npy", "b"),
        List.of("inspect", "a", "b"));
  }

  @ParameterizedTest
  @MethodSource("wrongUsage")
  void refusesInOneLine(List<String> args) {
    Run run = Run.of(args.toArray(String[]::new));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err())
        .startsWith("lanewise " + args.getFirst() + ": ")
        .endsWith("; see 'lanewise " + args.getFirst() + " --help'\n");
  }

  /** Of each number of a generation what no number of its kind can be; zero stands elsewhere. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--max-tokens",
        "--temperature",
        "--top-k",
        "--top-p",
        "--min-p",
        "--typical-p",
        "--repetition-penalty",
        "--presence-penalty",
        "--frequency-penalty",
        "--no-repeat-ngram",
        "--lookup"
      })
  void refusesNumbersThatNoGenerationCanHave(String option) {
    for (String value : List.of("NaN", "Infinity", "-Infinity", "1e99", "-2147483649", "x", "")) {
      Run run = Run.of("generate", "a", option, value);
      assertThat(run.exit()).as(option + " " + value).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err().lines()).hasSize(1);
      assertThat(run.err()).contains(option);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"classify a --kernels native", "quantize --out x", "quantize --to q8_0", "bench"})
  void refusesWhatIsNotBuiltYet(String line) {
    Run run = Run.of(line.split(" ", -1));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "classify",
        "generate",
        "score",
        "tokenize",
        "inspect",
        "evaluate",
        "calibrate",
        "verify",
        "fit",
        "features"
      })
  void showsAnExampleForEachCommand(String command) {
    Run run = Run.of(command, "--help");
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("Usage: lanewise " + command)
        .contains("\nExample")
        .contains("\n  lanewise " + command + " ")
        .contains("JSON fields: ")
        .doesNotContain("\u001b");
  }

  @Test
  void listsItsCommands() {
    Run run = Run.of("--help");
    assertThat(run.exit()).isZero();
    assertThat(run.out())
        .contains(
            "classify",
            "generate",
            "score",
            "tokenize",
            "inspect",
            "evaluate",
            "calibrate",
            "verify",
            "fit",
            "features");
  }

  @Test
  void tellsItsVersion() {
    Run run = Run.of("--version");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).matches("lanewise [0-9]+\\.[0-9]+\\.[0-9]+(-SNAPSHOT)?\n");
  }
}
