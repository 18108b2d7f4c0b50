package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands with the models that ship. Values come from the models' {@code expected.json}. */
class CommandsTest {

  private static final String TRANSFER = "please move fifty dollars into my savings account";

  private static JsonObject json(Run run) throws IOException {
    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isZero();
    assertThat(run.out()).endsWith("\n").hasLineCount(1);
    return Json.parse(run.out(), "stdout").asObject();
  }

  private static List<Integer> ints(JsonObject object, String name) throws IOException {
    List<Integer> ints = new java.util.ArrayList<>();
    for (var value : object.required(name).asArray()) {
      ints.add(value.asInt());
    }
    return ints;
  }

  @Test
  void classifiesTheReadmesExample() {
    Run run = Run.of("classify", TRANSFER);
    assertThat(run.exit()).isZero();
    assertThat(run.out()).matches("transfer +99\\.[0-9]{2} %\n");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void listsTheBestLabels() {
    Run run = Run.of("classify", TRANSFER, "--top", "3");
    assertThat(run.out()).hasLineCount(3).startsWith("transfer ");
  }

  @Test
  void putsEachTextBesideItsLabel() {
    assertThat(Run.of("classify", "hello", "see you later").out())
        .matches("greeting +[0-9.]+ %  hello\ngoodbye +[0-9.]+ %  see you later\n");
  }

  @Test
  void classifiesAsTheReferenceDoes() throws IOException {
    JsonObject expected =
        Json.read(java.nio.file.Path.of(Models.INTENTS, "expected.json")).asObject();
    StringBuilder texts = new StringBuilder();
    for (var example : expected.required("examples").asArray()) {
      texts.append(example.asObject().required("text").asString()).append('\n');
    }
    Run run = Run.withText(texts.toString(), "classify", "-", "--json", "--top", "1");
    assertThat(run.exit()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(expected.required("examples").asArray().size());
    for (int i = 0; i < lines.size(); i++) {
      JsonObject wanted = expected.required("examples").asArray().get(i).asObject();
      JsonObject found = Json.parse(lines.get(i), "line").asObject();
      assertThat(found.required("label").asString()).isEqualTo(wanted.required("label").asString());
      assertThat(found.required("tokens").asInt())
          .isEqualTo(wanted.required("input_ids").asArray().size());
    }
  }

  @Test
  void hasEveryFieldOfAClassification() throws IOException {
    JsonObject result = json(Run.of("classify", TRANSFER, "--json"));
    assertThat(result.members().keySet())
        .containsExactly(
            "label",
            "labelId",
            "probability",
            "scores",
            "tokens",
            "truncated",
            "windows",
            "backend",
            "vectorBits");
    assertThat(result.required("scores").asArray().size()).isEqualTo(151);
    JsonObject best = result.required("scores").asArray().get(0).asObject();
    assertThat(best.members().keySet())
        .containsExactly("label", "labelId", "logit", "logProbability", "probability");
    assertThat(best.required("label").asString()).isEqualTo("transfer");
    assertThat(result.required("windows").asInt()).isEqualTo(1);
    assertThat(result.required("truncated").asBoolean()).isFalse();
  }

  @Test
  void givesTheSameForIdsAndText() throws IOException {
    JsonObject tokens = json(Run.of("tokenize", TRANSFER, "--json"));
    String ids = ints(tokens, "ids").toString().replaceAll("[\\[\\] ]", "");
    assertThat(Run.of("classify", "--ids", ids, "--json", "--kernels", "vector").out())
        .isEqualTo(Run.of("classify", TRANSFER, "--json", "--kernels", "vector").out());
  }

  @Test
  void givesTheSameWithEveryNumberOfThreads() {
    String[] one = {"classify", TRANSFER, "--json", "--kernels", "vector", "--threads", "1"};
    String[] two = {"classify", TRANSFER, "--json", "--kernels", "vector", "--threads", "2"};
    assertThat(Run.of(two).out()).isEqualTo(Run.of(one).out()).startsWith("{");
  }

  @Test
  void givesTheSameWithScalarKernelsAndSaysSo() throws IOException {
    Run scalar = Run.of("classify", TRANSFER, "--json", "--kernels", "scalar");
    assertThat(json(scalar).required("backend").asString()).isEqualTo("scalar");
    Run vector = Run.of("classify", TRANSFER, "--json", "--kernels", "vector");
    assertThat(json(vector).required("backend").asString()).isEqualTo("vector");
    String backend = "\"backend\":.*";
    assertThat(scalar.out().replaceAll(backend, ""))
        .isEqualTo(vector.out().replaceAll(backend, ""));
  }

  @Test
  void readsTextsAndIdsAsJsonLines() {
    Run run =
        Run.withText(
            "\"hello\"\n{\"text\": \"hello\", \"label\": 5}\n{\"ids\": [8000, 1154, 8001]}\n",
            "classify",
            "--jsonl",
            "--json",
            "--kernels",
            "vector",
            "--top",
            "1");
    assertThat(run.exit()).isZero();
    assertThat(run.out().lines()).hasSize(3);
    assertThat(run.out().lines().distinct()).hasSize(1);
  }

  @Test
  void printsNothingForNoLines() {
    Run run = Run.withText("", "classify", "-");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).isEmpty();
  }

  @Test
  void generatesAsTheReferenceDoes() throws IOException {
    JsonObject example =
        Json.read(java.nio.file.Path.of(Models.LANGUAGE, "expected.json"))
            .asObject()
            .required("examples")
            .asArray()
            .get(0)
            .asObject();
    JsonObject result =
        json(
            Run.of(
                "generate", example.required("prompt").asString(), "--max-tokens", "40", "--json"));
    assertThat(result.members().keySet())
        .containsExactly(
            "text",
            "promptTokens",
            "tokens",
            "finishReason",
            "stop",
            "seed",
            "timings",
            "backend",
            "vectorBits");
    assertThat(ints(result, "promptTokens")).isEqualTo(ints(example, "input_ids"));
    assertThat(ints(result, "tokens")).isEqualTo(ints(example, "greedy_ids"));
    assertThat(result.required("text").asString()).isEqualTo(example.required("text").asString());
    assertThat(result.required("finishReason").asString()).isEqualTo("length");
    assertThat(result.required("seed").isNull()).isTrue();
    assertThat(result.required("timings").asObject().members().keySet())
        .containsExactly(
            "loadMs", "promptMs", "generateMs", "promptTokensPerSecond", "tokensPerSecond");
  }

  @Test
  void streamsTheTextThatJsonHas() throws IOException {
    String[] args = {"generate", "once upon a time", "--max-tokens", "20", "--seed", "3"};
    Run plain = Run.of(args);
    assertThat(plain.err()).matches("(?s)prompt 4 tokens, .* new 20 tokens, .*seed 3.*\n");
    List<String> more = new java.util.ArrayList<>(List.of(args));
    more.add("--json");
    JsonObject result = json(Run.of(more.toArray(String[]::new)));
    assertThat(plain.out()).isEqualTo(result.required("text").asString() + "\n");
    assertThat(result.required("seed").asLong()).isEqualTo(3);
  }

  @Test
  void keepsQuietWhenAsked() {
    assertThat(Run.of("generate", "hello", "--max-tokens", "2", "--quiet").err()).isEmpty();
  }

  @Test
  void isGreedyAtTemperatureZero() throws IOException {
    JsonObject result =
        json(Run.of("generate", "hello", "--max-tokens", "3", "--temperature", "0", "--json"));
    assertThat(result.required("seed").isNull()).isTrue();
    assertThat(ints(result, "tokens"))
        .isEqualTo(
            ints(json(Run.of("generate", "hello", "--max-tokens", "3", "--json")), "tokens"));
  }

  @Test
  void endsBeforeAStopString() throws IOException {
    String whole =
        json(Run.of("generate", "once upon a time", "--json")).required("text").asString();
    String stop = whole.substring(20, 23);
    JsonObject cut =
        json(Run.of("generate", "once upon a time", "--stop", "#", "--stop", stop, "--json"));
    assertThat(cut.required("text").asString()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
    assertThat(cut.required("finishReason").asString()).isEqualTo("stop");
    assertThat(cut.required("stop").asString()).isEqualTo(stop);
    Run plain = Run.of("generate", "once upon a time", "--stop", stop, "--quiet");
    assertThat(plain.out()).isEqualTo(cut.required("text").asString() + "\n");
  }

  @Test
  void obeysPenaltiesBiasesAndBans() throws IOException {
    List<Integer> plain = ints(json(Run.of("generate", "hello", "--json")), "tokens");
    String first = plain.getFirst().toString();
    for (List<String> options :
        List.of(
            List.of("--ban-ids", first + ",0"),
            List.of("--logit-bias", first + "=-1e9", "--logit-bias", "1=0.5"))) {
      List<String> args = new java.util.ArrayList<>(List.of("generate", "hello", "--json"));
      args.addAll(options);
      assertThat(ints(json(Run.of(args.toArray(String[]::new))), "tokens"))
          .doesNotContain(plain.getFirst());
    }
    JsonObject stopped = json(Run.of("generate", "hello", "--stop-ids", first, "--json"));
    assertThat(ints(stopped, "tokens")).isEmpty();
    assertThat(stopped.required("stop").asLong()).isEqualTo(plain.getFirst().longValue());
    List<Integer> varied =
        ints(json(Run.of("generate", "hello", "--no-repeat-ngram", "1", "--json")), "tokens");
    assertThat(varied).doesNotHaveDuplicates();
    assertThat(
            json(Run.of("generate", "hello", "--repetition-penalty", "1.3", "--json"))
                .required("seed")
                .isNull())
        .isTrue();
    for (List<String> narrow :
        List.of(
            List.of("--top-p", "1e-8"),
            List.of("--top-k", "1"),
            List.of("--min-p", "1"),
            List.of("--top-k", "2147483647", "--temperature", "1e-30"))) {
      List<String> args =
          new java.util.ArrayList<>(List.of("generate", "hello", "--seed", "5", "--json"));
      args.addAll(narrow);
      assertThat(ints(json(Run.of(args.toArray(String[]::new))), "tokens")).isEqualTo(plain);
    }
  }

  @Test
  void stopsAtTheEndOfTheContext() throws IOException {
    String prompt = "hello ".repeat(250);
    JsonObject result = json(Run.of("generate", prompt, "--max-tokens", "1000", "--json"));
    assertThat(result.required("finishReason").asString()).isEqualTo("context");
    int all = ints(result, "promptTokens").size() + ints(result, "tokens").size();
    assertThat(all).isBetween(256, 257);
  }

  @Test
  void tellsTheSeedThatItDrew() throws IOException {
    JsonObject drawn =
        json(Run.of("generate", "hello", "--max-tokens", "12", "--temperature", "1.5", "--json"));
    String seed = Long.toString(drawn.required("seed").asLong());
    JsonObject again =
        json(
            Run.of(
                "generate",
                "hello",
                "--max-tokens",
                "12",
                "--temperature",
                "1.5",
                "--seed=" + seed,
                "--json"));
    assertThat(ints(again, "tokens")).isEqualTo(ints(drawn, "tokens"));
  }

  @Test
  void scoresATextAndWhatFollowsAContext() throws IOException {
    JsonObject all = json(Run.of("score", "the cat sat on the mat", "--json"));
    var tokens = all.required("tokens").asArray();
    assertThat(tokens.get(0).asObject().required("logProb").isNull()).isTrue();
    JsonObject rest = json(Run.of("score", " on the mat", "--context", "the cat sat", "--json"));
    assertThat(rest.members().keySet())
        .containsExactly("logProb", "perplexity", "tokens", "backend", "vectorBits");
    double sum = 0;
    for (int i = 3; i < tokens.size(); i++) {
      sum += tokens.get(i).asObject().required("logProb").asDouble();
    }
    assertThat(rest.required("logProb").asDouble()).isEqualTo(sum);
    Run jsonl =
        Run.withText(
            "{\"text\": \" on the mat\", \"context\": \"the cat sat\"}",
            "score",
            "--jsonl",
            "--json");
    assertThat(json(jsonl).required("logProb").asDouble()).isEqualTo(sum);
  }

  @Test
  void addsUpTheScoresForPeople() {
    assertThat(Run.of("score", "the cat sat").out())
        .matches("(?s) +-  the\n +-[0-9.]+  cat\n.* nats in all, perplexity [0-9.]+\n");
    assertThat(Run.of("score", "the").out()).contains("nothing to add up");
  }

  @Test
  void tokenizesAndDecodes() throws IOException {
    assertThat(Run.of("tokenize", "hello").out())
        .isEqualTo("8000  <start>\n1154  hello</w>\n8001  <extract>\n");
    JsonObject decoded = json(Run.of("tokenize", "--decode", "--ids", "8000,1154,8001", "--json"));
    assertThat(decoded.members().keySet()).containsExactly("ids", "tokens", "text");
    assertThat(ints(decoded, "ids")).containsExactly(8000, 1154, 8001);
  }

  @Test
  void takesASpelledSpecialTokenForTextUnlessAsked() throws IOException {
    JsonObject text = json(Run.of("tokenize", "<pad>", "--json"));
    assertThat(ints(text, "ids")).doesNotContain(8002);
    JsonObject parsed = json(Run.of("tokenize", "<pad>", "--specials", "parse", "--json"));
    assertThat(ints(parsed, "ids")).containsExactly(8000, 8002, 8001);
  }

  @Test
  void takesATextThatLooksLikeAnOptionOrAFile() throws IOException {
    assertThat(json(Run.of("tokenize", "--json", "--", "--top")).required("ids").asArray().size())
        .isGreaterThan(2);
    assertThat(json(Run.of("tokenize", "--json", "@file")).required("ids").asArray().size())
        .isGreaterThan(2);
  }

  @Test
  void writesValidJsonForAnyText() throws IOException {
    JsonObject result = json(Run.of("tokenize", "a\"b\\c\u0001\u2028\ud83d\udc4b\n", "--json"));
    assertThat(result.required("tokens").asArray().size()).isGreaterThan(2);
  }

  @Test
  void inspectsAModel() throws IOException {
    JsonObject result = json(Run.of("inspect", Models.INTENTS, "--json"));
    assertThat(result.members().keySet())
        .containsExactly(
            "format",
            "description",
            "files",
            "architecture",
            "config",
            "parameters",
            "bytes",
            "tokenizer",
            "labels",
            "metadata",
            "tensors",
            "problems",
            "remarks");
    assertThat(result.required("tokenizer").asString()).contains(" ids");
    assertThat(result.required("labels").asArray().size()).isEqualTo(151);
    assertThat(result.required("format").asString()).startsWith("safetensors");
    assertThat(result.required("architecture").asString()).isEqualTo("openai-gpt");
    assertThat(result.required("config").asObject().required("n_layer").asInt()).isEqualTo(6);
    assertThat(result.required("parameters").asLong()).isEqualTo(6_891_520);
    assertThat(result.required("problems").asArray().size()).isZero();
    JsonObject first = result.required("tensors").asArray().get(0).asObject();
    assertThat(first.members().keySet()).containsExactly("name", "dtype", "shape", "bytes");
    assertThat(first.required("bytes").asLong()).isEqualTo(151 * 256 * 2);
    assertThat(Run.of("inspect", Models.INTENTS).out())
        .contains("problems      none", "6,891,520 in 75 tensors", "151 labels");
  }

  @Test
  void preprocessesAsItIsTold() throws IOException {
    String gpt1 = "../runtime/src/test/resources/tokenizers/gpt1";
    String text = "Isn't it \u201cit\u201d?";
    JsonObject original =
        json(Run.of("tokenize", text, "-m", gpt1, "--preprocessing", "original", "--json"));
    JsonObject other = json(Run.of("tokenize", text, "-m", gpt1, "--json"));
    assertThat(original.required("tokens").asArray().elements().toString())
        .isNotEqualTo(other.required("tokens").asArray().elements().toString());
    assertThat(Run.of("tokenize", text, "-m", gpt1, "--preprocessing", "none").exit()).isEqualTo(2);
    assertThat(
            Run.of("classify", "hello", "-m", Models.INTENTS, "--preprocessing", "original").exit())
        .isZero();
  }

  @Test
  void inspectsAndRunsAGgufFile() throws IOException {
    String file = "../loader/src/test/resources/gguf/gpt2-tiny-Q8_0.gguf";
    JsonObject result = json(Run.of("inspect", file, "--json"));
    assertThat(result.required("format").asString()).isEqualTo("GGUF");
    assertThat(result.required("architecture").asString()).isEqualTo("gpt2");
    assertThat(result.required("config").asObject().required("n_layer").asInt()).isEqualTo(2);
    assertThat(result.required("tokenizer").asString()).isEqualTo("byte-level BPE, 320 ids");
    assertThat(result.required("problems").asArray().size()).isZero();
    assertThat(Run.of("inspect", file).out())
        .contains("GGUF: gpt2-tiny-Q8_0.gguf", "general.name = gpt2-tiny", "Q8_0   [320, 64]");
    assertThat(Run.of("tokenize", "the keeper", "-m", file).out()).contains("keeper");
    assertThat(Run.of("generate", "the", "-m", file, "--max-tokens", "3").exit()).isZero();
  }

  @Test
  void examinesTheMachine() throws IOException {
    JsonObject result = json(Run.of("doctor", "--json"));
    assertThat(result.members().keySet())
        .containsExactly(
            "java", "cpu", "cores", "memory", "backend", "vectorBits", "fma", "selfTest", "advice");
    assertThat(result.required("selfTest").asString()).isEqualTo("ok");
    assertThat(result.required("cores").asInt()).isPositive();
    assertThat(result.required("memory").asLong()).isPositive();
    JsonObject scalar = json(Run.of("doctor", "--json", "--kernels", "scalar"));
    assertThat(scalar.required("backend").asString()).isEqualTo("scalar");
    assertThat(scalar.required("vectorBits").asInt()).isZero();
    assertThat(scalar.required("advice").asArray().get(0).asString())
        .contains("--add-modules jdk.incubator.vector");
    assertThat(Run.of("doctor").out()).contains("self-test     ok");
  }
}
