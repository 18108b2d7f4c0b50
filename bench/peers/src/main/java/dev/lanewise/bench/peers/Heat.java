package dev.lanewise.bench.peers;

import dev.lanewise.bench.contest.ContestantProcess;
import dev.lanewise.bench.contest.ContestantProcess.Entry;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.report.ContestTable.Entrant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * Contestants that are open at the same time and take turns: A B C A B C. What slows the machine
 * for a while slows all of them. Who waits uses no processor.
 */
final class Heat implements AutoCloseable {

  /** Who may take part, and how it is started. */
  record Contender(Entrant entrant, Entry entry) {

    /** A rival. */
    static Contender rival(String weights, Entry entry) {
      return new Contender(new Entrant(entry.name(), weights, false), entry);
    }

    /** This project. */
    static Contender ours(String weights, Entry entry) {
      return new Contender(new Entrant(entry.name(), weights, true), entry);
    }
  }

  /** One that takes part. */
  record Lane(Entrant entrant, ContestantProcess process) {}

  private final List<Lane> lanes = new ArrayList<>();

  private Heat() {}

  /** Starts and opens all. */
  static Heat open(List<Contender> contenders, int threads) throws IOException {
    Heat heat = new Heat();
    try {
      for (Contender contender : contenders) {
        ContestantProcess process =
            ContestantProcess.start(
                contender.entry(), threads, ModelFolders.work().resolve("logs"));
        heat.lanes.add(new Lane(contender.entrant(), process));
        process.open();
      }
      return heat;
    } catch (IOException | RuntimeException e) {
      heat.close();
      throw e;
    }
  }

  /** All that take part. */
  List<Lane> lanes() {
    return lanes;
  }

  /** What one does when it has its turn; {@code lane} is its index. */
  @FunctionalInterface
  interface Turn {
    void take(int lane, ContestantProcess process) throws IOException;
  }

  /** Lets all have so many turns. */
  void rounds(int rounds, Turn turn) throws IOException {
    for (int round = 0; round < rounds; round++) {
      for (int lane = 0; lane < lanes.size(); lane++) {
        turn.take(lane, lanes.get(lane).process());
      }
    }
  }

  /** Adds names and versions to {@code versions}; to be asked when all are warm. */
  void tell(SequencedMap<String, String> versions) throws IOException {
    for (Lane lane : lanes) {
      versions.putIfAbsent(
          lane.entrant().name(), lane.process().version().replaceFirst(", \\d+ threads?$", ""));
    }
  }

  @Override
  public void close() {
    lanes.forEach(lane -> lane.process().close());
  }
}
