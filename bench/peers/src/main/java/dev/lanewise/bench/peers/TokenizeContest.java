package dev.lanewise.bench.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.Tokenizer;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.ContestantProcess;
import dev.lanewise.bench.contest.ContestantProcess.Entry;
import dev.lanewise.bench.contest.Lanewise;
import dev.lanewise.bench.contest.Quiet.Sample;
import dev.lanewise.bench.contest.Timings;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.model.SampleText;
import dev.lanewise.bench.peers.Heat.Contender;
import dev.lanewise.bench.peers.Heat.Lane;
import dev.lanewise.bench.peers.rival.Djl;
import dev.lanewise.bench.peers.rival.Jtokkit;
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

/** Texts to ids: a long one, and many short ones. */
final class TokenizeContest {

  private static final int DOCUMENT = 200_000;
  private static final int SHORT = 128;
  private static final int SHORTS = 400;
  private static final double TURN_SECONDS = 0.3;
  private static final int MOST_CALLS = 50;

  private static final String SCRIPTS =
      "It's 12,345.67 or 3.1e-5\t\t\n\n"
          + "  we'll   see… Größe, ŽLUŤOUČKÝ kůň, Ελληνικά, Привет, мир! שלום עולם، مرحبا, नमस्ते"
          + " दुनिया, 你好,世界。こんにちは 안녕하세요 👩‍👩‍👧 🇨🇿 ½ ² ℌ ﬁ {\"a\":[1,2]} <b>&amp;</b>"
          + " http://example.org/?q=a%20b#c  __init__ fooBarBAZ \r\n"
          + "\u00a0\u3000 end ";

  private final PeerOptions options;
  private final SequencedMap<String, String> versions;

  /** {@code versions} gets those of all that take part. */
  TokenizeContest(PeerOptions options, SequencedMap<String, String> versions) {
    this.options = options;
    this.versions = versions;
  }

  private List<Contender> contenders(Path folder, GptShape shape) {
    List<Contender> contenders = new ArrayList<>();
    contenders.add(
        Contender.ours(
            "", Entry.here("Lanewise", Lanewise.Encode.class, folder, Lanewise.flags())));
    contenders.add(
        Contender.rival(
            "",
            Entry.here(
                "DJL Hugging Face tokenizers",
                Djl.Encode.class,
                folder,
                "--enable-native-access=ALL-UNNAMED")));
    if (shape.normalizesFirst()) {
      contenders.add(Contender.rival("", Entry.here("JTokkit", Jtokkit.Encode.class, folder)));
    }
    return options.chosen(contenders);
  }

  /** The results: a long text, and short ones. */
  List<ContestTable> run() throws IOException {
    List<Case> documents = new ArrayList<>();
    List<Case> shorts = new ArrayList<>();
    for (GptShape shape : List.of(GptShape.GPT2, GptShape.GPT1)) {
      String name = shape.normalizesFirst() ? "GPT-2" : "GPT-1";
      Path folder = RandomCheckpoint.tokenizer(ModelFolders.work(), shape);
      SampleText sample = new SampleText(Tokenizer.open(folder));
      List<String> document = List.of(sample.ofLength(1, DOCUMENT));
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < SHORTS; i++) {
        texts.add(sample.ofTokens(10_000L * (i + 1), SHORT));
      }
      double megabytes = document.getFirst().getBytes(UTF_8).length / 1e6;
      try (Heat heat = Heat.open(contenders(folder, shape), 1)) {
        check(heat, document);
        check(heat, texts);
        check(heat, List.of(SCRIPTS, SCRIPTS.repeat(20)));
        heat.tell(versions);
        documents.add(
            result(name + ", a document", heat, document, s -> megabytes / (s.nanos() / 1e9)));
        shorts.add(result(name + ", 128 tokens", heat, texts, s -> s.nanos() / 1e3 / SHORTS));
      }
    }
    return List.of(
        new ContestTable(
            "tokenize-document",
            "Tokenizers: a document of 200 kB",
            "MB/s",
            false,
            "The ids are compared before anything is timed.",
            documents),
        new ContestTable(
            "tokenize-short",
            "Tokenizers: a text of 128 tokens",
            "us",
            true,
            "Mean over 400 different texts.",
            shorts));
  }

  private Case result(String name, Heat heat, List<String> texts, ToDoubleFunction<Sample> value)
      throws IOException {
    List<List<Sample>> samples = new ArrayList<>();
    List<Integer> calls = new ArrayList<>();
    for (Lane lane : heat.lanes()) {
      samples.add(new ArrayList<>());
      calls.add(warmUp(lane.process(), texts));
    }
    heat.rounds(
        options.rounds(),
        (lane, process) -> samples.get(lane).addAll(process.encode(texts, calls.get(lane))));
    List<Result> results = new ArrayList<>();
    for (int lane = 0; lane < samples.size(); lane++) {
      results.add(
          new Result(
              heat.lanes().get(lane).entrant(),
              Timings.of(samples.get(lane), value, Sample::clean)));
    }
    return new Case(name, 1, results);
  }

  /** Calls until the time is over; how many calls make a turn. */
  private int warmUp(ContestantProcess process, List<String> texts) throws IOException {
    long start = System.nanoTime();
    double last;
    do {
      last = process.encode(texts, 10).getLast().nanos() / 1e9;
    } while (System.nanoTime() - start < options.warmUpSeconds() * 1e9);
    return Math.clamp(Math.round(TURN_SECONDS / last), 1, MOST_CALLS);
  }

  /** Fails unless all give the ids of the first. */
  private static void check(Heat heat, List<String> texts) throws IOException {
    int count = 0;
    for (String text : texts) {
      int[] expected = heat.lanes().getFirst().process().ids(text);
      count += expected.length;
      for (Lane lane : heat.lanes()) {
        int[] found = lane.process().ids(text);
        int at = Arrays.mismatch(expected, found);
        if (at >= 0) {
          throw new AssertionError(
              "%s: %d ids, from index %d on not those of %s, which are %d"
                  .formatted(
                      lane.entrant().name(),
                      found.length,
                      at,
                      heat.lanes().getFirst().entrant().name(),
                      expected.length));
        }
      }
    }
    System.out.println(count + " ids are equal");
  }
}
