package dev.lanewise.bench.peers;

import dev.lanewise.WeightType;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.peers.Heat.Contender;
import dev.lanewise.bench.report.ContestTable.Entrant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Function;

/**
 * What to compare, and how thoroughly.
 *
 * @param only contests that are held, in order
 * @param weights types of weights that take part
 * @param rivals beginnings of the names of rivals that take part, none for all
 * @param threads numbers of threads of one call
 * @param tokens lengths of texts to classify
 * @param quick fewer rounds and shorter warm-up: for a first look, not for figures to quote
 * @param out folder of the report
 */
record PeerOptions(
    SequencedSet<String> only,
    Set<String> weights,
    List<String> rivals,
    List<Integer> threads,
    List<Integer> tokens,
    boolean quick,
    Path out) {

  /** All contests. */
  static final List<String> CONTESTS =
      List.of("classify-gpt2", "classify-gpt1", "generate", "tokenize", "fresh");

  /** All types of weights. */
  static final List<String> WEIGHTS = List.of("F32", "F16", "int8", "Q8_0", "Q4_0");

  private static final List<String> VALUED =
      List.of("--only", "--weights", "--rivals", "--threads", "--tokens", "--out");

  static final String USAGE =
      """
      usage: bench/peers.sh [options]
        --only CONTEST,...  of %s; all of them without it
        --weights TYPE,...  of %s; F32 without it
        --rivals NAME,...   only rivals whose name begins so: ONNX, llama, Jlama, DJL, JTokkit
        --threads N,...     threads of one call; 1,2 without it
        --tokens N,...      lengths of texts to classify; 32,128,512 without it
        --quick             fewer rounds and shorter warm-up
        --out FOLDER        where the report goes; target/peers without it
      """
          .formatted(String.join(", ", CONTESTS), String.join(", ", WEIGHTS));

  /** What is wrong with the arguments, for the person who wrote them. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  PeerOptions {
    weights = Set.copyOf(weights);
    rivals = List.copyOf(rivals);
    threads = List.copyOf(threads);
    tokens = List.copyOf(tokens);
  }

  /** Reads the arguments of the command. */
  static PeerOptions parse(String... args) throws UsageException {
    List<String> only = CONTESTS;
    List<String> weights = List.of("F32");
    List<String> rivals = List.of();
    List<Integer> threads = List.of(1, 2);
    List<Integer> tokens = List.of(32, 128, 512);
    boolean quick = false;
    Path out = ModelFolders.work();
    for (int i = 0; i < args.length; i++) {

      String option = args[i];
      if (option.equals("--quick")) {
        quick = true;
        continue;
      }
      if (!VALUED.contains(option)) {
        throw new UsageException("unknown option '" + option + "'");
      }
      if (++i == args.length) {
        throw new UsageException(option + " needs a value");
      }
      String value = args[i];
      switch (option) {
        case "--only" -> only = list(option, value, text -> oneOf(CONTESTS, text));
        case "--weights" -> weights = list(option, value, text -> oneOf(WEIGHTS, text));
        case "--rivals" -> rivals = list(option, value, PeerOptions::prefix);
        case "--threads" -> threads = list(option, value, text -> number(text, 256));
        case "--tokens" -> tokens = list(option, value, text -> number(text, 512));
        default -> out = Path.of(value);
      }
    }
    return new PeerOptions(
        new LinkedHashSet<>(only), Set.copyOf(weights), rivals, threads, tokens, quick, out);
  }

  private static <T> List<T> list(String option, String value, Function<String, T> item)
      throws UsageException {
    List<T> items = new ArrayList<>();
    for (String text : Arrays.asList(value.split(",", -1))) {
      try {
        items.add(item.apply(text));
      } catch (IllegalArgumentException e) {
        throw new UsageException(option + ": '" + text + "' is not " + e.getMessage());
      }
    }
    return items;
  }

  private static String oneOf(List<String> known, String text) {
    if (!known.contains(text)) {
      throw new IllegalArgumentException("one of " + String.join(", ", known));
    }
    return text;
  }

  private static String prefix(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("the beginning of a name");
    }
    return text;
  }

  private static int number(String text, int most) {
    if (text.matches("[1-9]\\d{0,3}") && Integer.parseInt(text) <= most) {
      return Integer.parseInt(text);
    }
    throw new IllegalArgumentException("a number from 1 to " + most);
  }

  /** Those that the options let take part; this project always does. */
  List<Contender> chosen(List<Contender> contenders) {
    return contenders.stream().filter(contender -> takesPart(contender.entrant())).toList();
  }

  private boolean takesPart(Entrant entrant) {
    return entrant.ours()
        || rivals.isEmpty()
        || rivals.stream().anyMatch(entrant.name()::startsWith);
  }

  /** Types of this project's own weights: float32 always, since the others are compared with it. */
  List<String> ownWeights() {
    return WEIGHTS.stream().filter(type -> type.equals("F32") || weights.contains(type)).toList();
  }

  /** What this project calls them. */
  static WeightType own(String weights) {
    return weights.equals("int8") ? WeightType.I8 : WeightType.valueOf(weights);
  }

  /** How often each contestant has its turn. */
  int rounds() {
    return quick ? 4 : 15;
  }

  /** How long each contestant runs before it is timed. */
  double warmUpSeconds() {
    return quick ? 3 : 8;
  }
}
