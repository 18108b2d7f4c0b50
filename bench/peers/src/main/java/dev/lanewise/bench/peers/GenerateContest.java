package dev.lanewise.bench.peers;

import dev.lanewise.Tokenizer;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.Contestant.Continuation;
import dev.lanewise.bench.contest.ContestantProcess;
import dev.lanewise.bench.contest.ContestantProcess.Entry;
import dev.lanewise.bench.contest.ContestantProcess.TimedContinuation;
import dev.lanewise.bench.contest.Lanewise;
import dev.lanewise.bench.contest.Timings;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.model.SampleText;
import dev.lanewise.bench.peers.Heat.Contender;
import dev.lanewise.bench.peers.Heat.Lane;
import dev.lanewise.bench.peers.gguf.GgufExport;
import dev.lanewise.bench.peers.gguf.GgufType;
import dev.lanewise.bench.peers.onnx.OnnxExport;
import dev.lanewise.bench.peers.onnx.OnnxExport.Form;
import dev.lanewise.bench.peers.rival.Jlama;
import dev.lanewise.bench.peers.rival.LlamaCpp;
import dev.lanewise.bench.peers.rival.Ort;
import dev.lanewise.bench.report.ContestTable;
import dev.lanewise.bench.report.ContestTable.Case;
import dev.lanewise.bench.report.ContestTable.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** A prompt is read and continued with the likeliest tokens: how many a second? */
final class GenerateContest {

  private static final GptShape SHAPE = GptShape.GPT2;
  private static final int PROMPT = 512;
  private static final int NEW_TOKENS = 128;

  /** Tokens that must be equal: after many, two logits may be closer than rounding. */
  private static final int EQUAL_TOKENS = 24;

  /** Reads end-of-text before every prompt, and can't be told not to. */
  private static final String ADDS_START = "Jlama F32";

  private final PeerOptions options;
  private final SequencedMap<String, String> versions;

  /** {@code versions} gets those of all that take part. */
  GenerateContest(PeerOptions options, SequencedMap<String, String> versions) {
    this.options = options;
    this.versions = versions;
  }

  private List<Contender> contenders(Path folder) throws IOException {
    List<Contender> contenders = new ArrayList<>();
    for (String weights : options.ownWeights()) {
      String[] flags = Lanewise.flags(PeerOptions.own(weights));
      contenders.add(
          Contender.ours(
              weights, Entry.here("Lanewise " + weights, Lanewise.Generate.class, folder, flags)));
    }
    for (Form form : List.of(Form.FUSED, Form.FUSED_INT8)) {
      if (options.weights().contains(form.weights())) {
        contenders.add(
            Contender.rival(
                form.weights(),
                Entry.here(
                    "ONNX Runtime fused " + form.weights(),
                    Ort.Generate.class,
                    OnnxExport.languageModel(folder, SHAPE, form),
                    Ort.flags())));
      }
    }
    for (GgufType type : GgufType.values()) {
      if (options.weights().contains(type.name())) {
        contenders.add(
            Contender.rival(
                type.name(),
                Entry.here(
                    "llama.cpp " + type,
                    LlamaCpp.Generate.class,
                    GgufExport.languageModel(folder, SHAPE, type),
                    LlamaCpp.flags())));
      }
    }
    if (options.weights().contains("F32")) {
      contenders.add(
          Contender.rival(
              "F32", Entry.here("Jlama F32", Jlama.Generate.class, folder, Jlama.flags())));
    }
    return options.chosen(contenders);
  }

  /** The results: reading, and going on. */
  List<ContestTable> run() throws IOException {
    Path folder = RandomCheckpoint.languageModel(ModelFolders.work(), SHAPE);
    Tokenizer tokenizer = Tokenizer.open(folder);
    SampleText texts = new SampleText(tokenizer);
    List<Case> reading = new ArrayList<>();
    List<Case> writing = new ArrayList<>();
    for (int threads : options.threads()) {
      try (Heat heat = Heat.open(contenders(folder), threads)) {
        check(heat, texts.ofTokens(1, 64), tokenizer);
        List<List<TimedContinuation>> found = race(heat, texts, tokenizer);
        heat.tell(versions);
        reading.add(
            result(PROMPT + " tokens read", threads, heat, found, Continuation::promptRate));
        writing.add(
            result(
                NEW_TOKENS + " tokens after " + PROMPT,
                threads,
                heat,
                found,
                Continuation::generateRate));
      }
    }
    return List.of(
        new ContestTable(
            "generate-prompt",
            "Generation, GPT-2 small: reading the prompt",
            "tokens/s",
            false,
            "Until the first new token is known.",
            reading),
        new ContestTable(
            "generate-decode",
            "Generation, GPT-2 small: one token after the other",
            "tokens/s",
            false,
            "The likeliest token always; with the same weights, the first %d were equal."
                .formatted(EQUAL_TOKENS),
            writing));
  }

  private List<List<TimedContinuation>> race(Heat heat, SampleText texts, Tokenizer tokenizer)
      throws IOException {
    List<List<TimedContinuation>> found = new ArrayList<>();
    heat.lanes().forEach(lane -> found.add(new ArrayList<>()));
    int warmUps = 1;
    int rounds = options.quick() ? 2 : 8;
    List<String> prompts = new ArrayList<>();
    for (int round = 0; round < warmUps + rounds; round++) {
      prompts.add(texts.ofTokens(1000L * (round + 2), PROMPT));
    }
    heat.rounds(
        warmUps + rounds,
        (lane, process) -> {
          String prompt = prompts.get(found.get(lane).size());
          TimedContinuation timed = process.generate(prompt, ids(tokenizer, prompt), NEW_TOKENS);
          counted(heat.lanes().get(lane), timed.continuation(), PROMPT, NEW_TOKENS);
          found.get(lane).add(timed);
        });
    found.forEach(list -> list.subList(0, warmUps).clear());
    return found;
  }

  private static int[] ids(Tokenizer tokenizer, String text) {
    return tokenizer.encode(text, Tokenizer.Specials.TEXT, false);
  }

  private static Case result(
      String name,
      int threads,
      Heat heat,
      List<List<TimedContinuation>> found,
      ToDoubleFunction<Continuation> rate) {
    List<Result> results = new ArrayList<>();
    for (int lane = 0; lane < found.size(); lane++) {
      Timings rates =
          Timings.of(
              found.get(lane),
              timed -> rate.applyAsDouble(timed.continuation()),
              TimedContinuation::clean);
      results.add(new Result(heat.lanes().get(lane).entrant(), rates));
    }
    return new Case(name, threads, results);
  }

  /** Fails unless all with the same weights go on as the first. */
  private static void check(Heat heat, String prompt, Tokenizer tokenizer) throws IOException {
    int[] ids = ids(tokenizer, prompt);
    int start = tokenizer.id("<|endoftext|>").orElseThrow();
    int[] idsAfterStart = IntStream.concat(IntStream.of(start), Arrays.stream(ids)).toArray();
    ContestantProcess ours = heat.lanes().getFirst().process();
    Continuation plain = ours.generate(prompt, ids, EQUAL_TOKENS).continuation();
    Continuation afterStart = ours.generate(prompt, idsAfterStart, EQUAL_TOKENS).continuation();
    for (Lane lane : heat.lanes()) {
      String name = lane.entrant().name();
      Continuation expected = name.equals(ADDS_START) ? afterStart : plain;
      Continuation found = lane.process().generate(prompt, ids, EQUAL_TOKENS).continuation();
      counted(lane, found, ids.length, EQUAL_TOKENS);
      int same = same(found, expected);
      int all = found.ids().isEmpty() ? ascii(expected.text()).length() : expected.ids().size();
      String unit = found.ids().isEmpty() ? "characters" : "tokens";
      System.out.printf("%-30s %d of %d %s as ours%n", name, same, all, unit);
      if (lane.entrant().weights().equals("F32") && same < all) {
        throw new AssertionError(
            "%s goes on with %s '%s', expected %s '%s'"
                .formatted(name, found.ids(), found.text(), expected.ids(), expected.text()));
      }
    }
  }

  /** Equal tokens at the beginning, or characters where a runtime gives no tokens. */
  private static int same(Continuation found, Continuation expected) {
    if (found.ids().isEmpty()) {
      String text = ascii(expected.text());
      int at = Arrays.mismatch(ascii(found.text()).toCharArray(), text.toCharArray());
      return at < 0 ? text.length() : at;
    }
    int at =
        Arrays.mismatch(
            found.ids().toArray(Integer[]::new), expected.ids().toArray(Integer[]::new));
    return at < 0 ? found.ids().size() : at;
  }

  /** Random models write bytes that are no UTF-8, and each runtime shows them in its own way. */
  private static String ascii(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "");
  }

  private static void counted(Lane lane, Continuation found, int promptTokens, int newTokens) {
    if (found.promptTokens() != promptTokens || found.newTokens() != newTokens) {
      throw new AssertionError(
          "%s read %d tokens and made %d, expected %d and %d"
              .formatted(
                  lane.entrant().name(),
                  found.promptTokens(),
                  found.newTokens(),
                  promptTokens,
                  newTokens));
    }
  }
}
