package dev.lanewise.bench.peers;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.ContestantProcess;
import dev.lanewise.bench.contest.ContestantProcess.Entry;
import dev.lanewise.bench.contest.Lanewise;
import dev.lanewise.bench.contest.Quiet.Sample;
import dev.lanewise.bench.contest.Timings;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.peers.Heat.Contender;
import dev.lanewise.bench.peers.Heat.Lane;
import dev.lanewise.bench.peers.onnx.OnnxExport;
import dev.lanewise.bench.peers.onnx.OnnxExport.Form;
import dev.lanewise.bench.peers.rival.Ort;
import dev.lanewise.bench.report.ContestTable;
import dev.lanewise.bench.report.ContestTable.Case;
import dev.lanewise.bench.report.ContestTable.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/** One text, given as ids, to logits: how long does it take? */
final class ClassifyContest {

  /** Largest difference between logits of float32 runtimes; they are of magnitude 1 and more. */
  private static final float TOLERANCE = 1e-3f;

  /** What 8 bits may cost in every layer of a model whose weights nobody has trained. */
  private static final float INT8_TOLERANCE = 0.5f;

  private static final double TURN_SECONDS = 0.7;
  private static final int CALLS = 10;

  private final PeerOptions options;
  private final GptShape shape;
  private final SequencedMap<String, String> versions;

  /** {@code versions} gets those of all that take part. */
  ClassifyContest(PeerOptions options, GptShape shape, SequencedMap<String, String> versions) {
    this.options = options;
    this.shape = shape;
    this.versions = versions;
  }

  /** All that classify. */
  static List<Contender> contenders(PeerOptions options, GptShape shape) throws IOException {
    Path folder = RandomCheckpoint.classifier(ModelFolders.work(), shape);
    List<Contender> contenders = new ArrayList<>();
    for (String weights : options.ownWeights()) {
      String[] flags = Lanewise.flags(PeerOptions.own(weights));
      contenders.add(
          Contender.ours(
              weights, Entry.here("Lanewise " + weights, Lanewise.Classify.class, folder, flags)));
    }
    for (Form form : Form.values()) {
      if (options.weights().contains(form.weights())) {
        String name = "ONNX Runtime " + form.graph() + " " + form.weights();
        Path file = OnnxExport.classifier(folder, shape, form);
        contenders.add(
            Contender.rival(
                form.weights(), Entry.here(name, Ort.Classify.class, file, Ort.flags())));
      }
    }
    return options.chosen(contenders);
  }

  /** The results. */
  ContestTable run() throws IOException {
    List<Contender> contenders = contenders(options, shape);
    List<Case> cases = new ArrayList<>();
    for (int threads : options.threads()) {
      try (Heat heat = Heat.open(contenders, threads)) {
        for (int tokens : options.tokens()) {
          cases.add(run(heat, tokens, threads));
        }
        heat.tell(versions);
      }
    }
    return new ContestTable(
        "classify-" + shape.label(),
        "Classification, " + (shape.equals(GptShape.GPT1) ? "GPT-1" : "GPT-2 small") + ", one text",
        "ms",
        true,
        "Random weights; logits are compared before anything is timed. Plain and fused are two ways"
            + " to write the same graph.",
        cases);
  }

  private Case run(Heat heat, int tokens, int threads) throws IOException {
    int[] ids = ModelFolders.ids(1, tokens, shape.vocabSize());
    check(heat, ids);
    List<List<Sample>> samples = new ArrayList<>();
    List<Integer> calls = new ArrayList<>();
    for (Lane lane : heat.lanes()) {
      samples.add(new ArrayList<>());
      calls.add(warmUp(lane.process(), ids));
    }
    heat.rounds(
        options.rounds(),
        (lane, process) -> samples.get(lane).addAll(process.classify(ids, calls.get(lane))));
    List<Result> results = new ArrayList<>();
    for (int lane = 0; lane < samples.size(); lane++) {
      Timings timings = Timings.millis(samples.get(lane));
      results.add(new Result(heat.lanes().get(lane).entrant(), timings));
    }
    return new Case(tokens + " tokens", threads, results);
  }

  /** Fails unless all give the logits of the first. */
  private static void check(Heat heat, int[] ids) throws IOException {
    float[] expected = heat.lanes().getFirst().process().logits(ids);
    for (Lane lane : heat.lanes()) {
      float[] found = lane.process().logits(ids);
      float difference = found.length == expected.length ? 0 : Float.POSITIVE_INFINITY;
      for (int i = 0; i < Math.min(expected.length, found.length); i++) {
        difference = Math.max(difference, Math.abs(found[i] - expected[i]));
      }
      boolean float32 = lane.entrant().weights().equals("F32");
      if (!(difference <= (float32 ? TOLERANCE : INT8_TOLERANCE))) {
        throw new AssertionError(
            "%s: the logits of %d tokens are %s, expected %s"
                .formatted(lane.entrant().name(), ids.length, text(found), text(expected)));
      }
      System.out.printf(
          "%-45s %d tokens: logits differ by %.1e%n",
          lane.entrant().name(), ids.length, difference);
    }
  }

  private static String text(float[] values) {
    return java.util.Arrays.toString(values);
  }

  /** Calls until the time is over; how many calls make a turn. */
  private int warmUp(ContestantProcess process, int[] ids) throws IOException {
    long start = System.nanoTime();
    double last = 0;
    for (int calls = 0;
        calls < CALLS || System.nanoTime() - start < options.warmUpSeconds() * 1e9;
        calls += 2) {
      last = process.classify(ids, 2).getLast().nanos() / 1e9;
    }
    return Math.clamp(Math.round(TURN_SECONDS / last), 1, CALLS);
  }
}
