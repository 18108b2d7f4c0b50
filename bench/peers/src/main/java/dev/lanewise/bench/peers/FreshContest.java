package dev.lanewise.bench.peers;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.contest.FreshRuns;
import dev.lanewise.bench.contest.FreshRuns.Run;
import dev.lanewise.bench.contest.Timings;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.peers.Heat.Contender;
import dev.lanewise.bench.report.ContestTable;
import dev.lanewise.bench.report.ContestTable.Case;
import dev.lanewise.bench.report.ContestTable.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What a classifier costs in a fresh JVM: opening, first calls, memory. */
final class FreshContest {

  private static final GptShape SHAPE = GptShape.GPT2;
  private static final int TOKENS = 32;

  private final PeerOptions options;

  FreshContest(PeerOptions options) {
    this.options = options;
  }

  /** The results: times, and memory. */
  List<ContestTable> run() throws IOException {
    List<Contender> contenders = ClassifyContest.contenders(options, SHAPE);
    int[] ids = ModelFolders.ids(1, TOKENS, SHAPE.vocabSize());
    List<List<Run>> runs = new ArrayList<>();
    contenders.forEach(contender -> runs.add(new ArrayList<>()));
    for (int round = 0; round < (options.quick() ? 3 : 9); round++) {
      for (int i = 0; i < contenders.size(); i++) {
        runs.get(i).addAll(FreshRuns.run(contenders.get(i).entry(), 1, ids, 1));
      }
    }
    return List.of(
        new ContestTable(
            "fresh-times",
            "GPT-2 small in a fresh JVM, 32 tokens",
            "ms",
            true,
            "The file is in the system's cache. All runs count, disturbed or not.",
            List.of(
                result("opening the model", contenders, runs, Run::openMillis),
                result("first call", contenders, runs, run -> run.callMillis().getFirst()),
                result(
                    "starting the JVM to first answer",
                    contenders,
                    runs,
                    Run::startToAnswerMillis))),
        new ContestTable(
            "fresh-memory",
            "GPT-2 small, memory of the process after 20 calls",
            "MiB",
            true,
            "Anonymous memory is the process's own; mapped files are shared and can be dropped.",
            List.of(
                result("resident", contenders, runs, run -> mebibytes(run.memory().resident())),
                result(
                    "anonymous", contenders, runs, run -> mebibytes(run.memory().anonymous())))));
  }

  private static double mebibytes(long bytes) {
    return bytes / (double) (1 << 20);
  }

  private static Case result(
      String name, List<Contender> contenders, List<List<Run>> runs, ToDoubleFunction<Run> value) {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < contenders.size(); i++) {
      double[] values = runs.get(i).stream().mapToDouble(value).toArray();
      results.add(new Result(contenders.get(i).entrant(), Timings.of(values)));
    }
    return new Case(name, 1, results);
  }
}
