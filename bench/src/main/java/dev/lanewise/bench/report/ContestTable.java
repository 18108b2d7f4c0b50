package dev.lanewise.bench.report;

import dev.lanewise.bench.contest.Timings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Several runtimes at the same work, in one unit.
 *
 * @param id name in files: "classify-gpt2"
 * @param title for people
 * @param unit of all values: "ms"
 * @param lessIsBetter false for rates
 * @param note what has to be known to read the values, "" for nothing
 * @param cases what was done, each by all that could
 */
public record ContestTable(
    String id, String title, String unit, boolean lessIsBetter, String note, List<Case> cases) {

  /** Copies the cases. */
  public ContestTable {
    cases = List.copyOf(cases);
  }

  /**
   * One piece of work.
   *
   * @param name "128 tokens"
   * @param threads of one call
   * @param results one for each runtime
   */
  public record Case(String name, int threads, List<Result> results) {

    /** Copies the results. */
    public Case {
      results = List.copyOf(results);
    }

    /** "128 tokens, 2 threads". */
    public String label() {
      return name + ", " + threads + (threads == 1 ? " thread" : " threads");
    }

    /** What the runtime called {@code name} did, if it took part. */
    public Optional<Result> of(String name) {
      return results.stream().filter(result -> result.entrant().name().equals(name)).findFirst();
    }
  }

  /**
   * Who took part.
   *
   * @param name in tables, unique
   * @param weights type of the weights: only runtimes of one type are compared
   * @param ours whether it is this project
   */
  public record Entrant(String name, String weights, boolean ours) {}

  /** What a runtime took, or how much it did. */
  public record Result(Entrant entrant, Timings values) {}

  /**
   * Our median over that of the best rival with the same type of weights.
   *
   * @param weights their type
   * @param rival who that is
   * @param value below 1 we need less, or do less
   */
  public record Ratio(String weights, String rival, double value) {}

  /** All that took part in any case, in order of appearance. */
  public List<Entrant> entrants() {
    SequencedSet<Entrant> entrants = new LinkedHashSet<>();
    for (Case one : cases) {
      one.results().forEach(result -> entrants.add(result.entrant()));
    }
    return List.copyOf(entrants);
  }

  /** The ratios of a case: one for each of our results that has a rival. */
  public List<Ratio> ratios(Case one) {
    Comparator<Result> better =
        Comparator.comparingDouble(
            result -> lessIsBetter ? result.values().median() : -result.values().median());
    List<Ratio> ratios = new ArrayList<>();
    for (Result ours : one.results()) {
      if (ours.entrant().ours()) {
        one.results().stream()
            .filter(result -> !result.entrant().ours())
            .filter(result -> result.entrant().weights().equals(ours.entrant().weights()))
            .min(better)
            .ifPresent(
                rival ->
                    ratios.add(
                        new Ratio(
                            ours.entrant().weights(),
                            rival.entrant().name(),
                            ours.values().median() / rival.values().median())));
      }
    }
    return ratios;
  }
}
