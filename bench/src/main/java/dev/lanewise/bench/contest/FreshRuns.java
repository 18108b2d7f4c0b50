package dev.lanewise.bench.contest;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.ContestantProcess.Entry;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.report.Markdown;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a runtime costs before it is warm: its first calls in fresh JVMs, and its memory. */
public final class FreshRuns {

  private static final int CALLS = 20;
  private static final int STEADY = 5;

  private FreshRuns() {}

  /**
   * One fresh JVM.
   *
   * @param startToAnswerMillis wall time from starting the process to its first answer
   * @param openMillis opening the model
   * @param callMillis the first calls, in order
   * @param memory after these calls
   */
  public record Run(
      double startToAnswerMillis,
      double openMillis,
      List<Double> callMillis,
      ProcessMemory memory) {

    /** Copies the times. */
    public Run {
      callMillis = List.copyOf(callMillis);
    }

    /** Median of the last calls. */
    public double steadyMillis() {
      return Timings.of(
              callMillis.subList(callMillis.size() - STEADY, callMillis.size()).stream()
                  .mapToDouble(Double::doubleValue)
                  .toArray())
          .median();
    }
  }

  /** Starts one process after the other. */
  public static List<Run> run(Entry entry, int threads, int[] ids, int processes)
      throws IOException {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      long start = System.nanoTime();
      try (ContestantProcess process =
          ContestantProcess.start(entry, threads, ModelFolders.work().resolve("logs"))) {
        double open = process.open() / 1e6;
        List<Double> calls = new ArrayList<>();
        calls.add(process.classify(ids, 1).getFirst().nanos() / 1e6);
        double answer = (System.nanoTime() - start) / 1e6;
        for (Quiet.Sample sample : process.classify(ids, CALLS - 1)) {
          calls.add(sample.nanos() / 1e6);
        }
        runs.add(new Run(answer, open, calls, process.memory()));
      }
    }
    return runs;
  }

  /** Lanewise alone: GPT-2 small, 32 tokens, one thread. */
  public static String ofLanewise() throws IOException {
    Path folder = RandomCheckpoint.classifier(ModelFolders.work(), GptShape.GPT2);
    Entry entry = Entry.here("Lanewise", Lanewise.Classify.class, folder, Lanewise.flags());
    int[] ids = ModelFolders.ids(1, 32, GptShape.GPT2.vocabSize());
    return table(List.of(entry.name()), List.of(run(entry, 1, ids, 5)))
        + "\nfile: %d MiB\n".formatted(RandomCheckpoint.size(folder) >> 20);
  }

  /** Medians over the processes, with the smallest and largest. */
  public static String table(List<String> names, List<List<Run>> runs) {
    Markdown table =
        new Markdown(
            "runtime",
            "start to answer ms",
            "open ms",
            "1st call ms",
            "2nd",
            "3rd",
            "5th",
            "10th",
            "steady",
            "resident MiB",
            "peak MiB");
    for (int i = 0; i < names.size(); i++) {
      List<Run> of = runs.get(i);
      table.row(
          names.get(i),
          spread(of.stream().mapToDouble(Run::startToAnswerMillis).toArray()),
          spread(of.stream().mapToDouble(Run::openMillis).toArray()),
          call(of, 0),
          call(of, 1),
          call(of, 2),
          call(of, 4),
          call(of, 9),
          spread(of.stream().mapToDouble(Run::steadyMillis).toArray()),
          mebibytes(of.stream().mapToDouble(run -> run.memory().resident()).toArray()),
          mebibytes(of.stream().mapToDouble(run -> run.memory().peak()).toArray()));
    }
    return table.text();
  }

  private static String call(List<Run> runs, int index) {
    return spread(runs.stream().mapToDouble(run -> run.callMillis().get(index)).toArray());
  }

  private static String mebibytes(double[] bytes) {
    return String.format(Locale.ROOT, "%.0f", Timings.of(bytes).median() / (1 << 20));
  }

  private static String spread(double[] values) {
    Timings timings = Timings.of(values);
    return String.format(
        Locale.ROOT, "%.0f (%.0f..%.0f)", timings.median(), timings.min(), timings.max());
  }
}
