package dev.lanewise.bench.peers;

import dev.lanewise.bench.Machine;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.peers.PeerOptions.UsageException;
import dev.lanewise.bench.report.ContestReport;
import dev.lanewise.bench.report.ContestTable;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** {@code bench/peers.sh}: holds the contests and writes the report. */
final class Peers {

  private final PeerOptions options;
  private final SequencedMap<String, String> versions = new LinkedHashMap<>();

  private Peers(PeerOptions options) {
    this.options = options;
  }

  /** Entry point. */
  public static void main(String[] args) throws IOException {
    if (List.of(args).contains("--help")) {
      System.out.print(PeerOptions.USAGE);
      return;
    }
    PeerOptions options;
    try {
      options = PeerOptions.parse(args);
    } catch (UsageException e) {
      System.err.println(e.getMessage());
      System.err.print(PeerOptions.USAGE);
      System.exit(2);
      return;
    }
    new Peers(options).run(("bench/peers.sh " + String.join(" ", args)).strip());
  }

  private void run(String command) throws IOException {
    Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    List<ContestTable> tables = new ArrayList<>();
    for (String contest : options.only()) {
      System.out.println("== " + contest);
      tables.addAll(hold(contest));
      ContestReport report =
          new ContestReport(
              Machine.current(),
              date,
              command,
              versions.entrySet().stream()
                  .map(entry -> entry.getKey() + ": " + entry.getValue())
                  .toList(),
              tables);
      report.write(options.out()); // after each contest, so that a failure loses one at most
      if (contest.equals(options.only().getLast())) {
        System.out.println(report.markdown());
      }
    }
    System.out.println("written to " + options.out());
  }

  private List<ContestTable> hold(String contest) throws IOException {
    return switch (contest) {
      case "classify-gpt2" -> List.of(new ClassifyContest(options, GptShape.GPT2, versions).run());
      case "classify-gpt1" -> List.of(new ClassifyContest(options, GptShape.GPT1, versions).run());
      case "generate" -> new GenerateContest(options, versions).run();
      case "tokenize" -> new TokenizeContest(options, versions).run();
      case "fresh" -> new FreshContest(options).run();
      default -> throw new IllegalStateException(contest);
    };
  }
}
