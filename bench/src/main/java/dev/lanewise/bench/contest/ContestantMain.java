package dev.lanewise.bench.contest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.bench.contest.Quiet.Sample;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The process that one contestant runs in. Reads commands from standard input, one a line, and
 * answers each with one line that begins with {@link #MARK}; other output is not ours. Waits
 * without using a processor, so that the others can be measured meanwhile.
 */
final class ContestantMain {

  /** Begins an answer. */
  static final String MARK = "@answer ";

  /** Begins an answer that is an error. */
  static final String FAILED = "@failed ";

  private final Contestant.Opener opener;
  private final Path model;
  private final int threads;
  private @Nullable Contestant contestant;

  private ContestantMain(Contestant.Opener opener, Path model, int threads) {
    this.opener = opener;
    this.model = model;
    this.threads = threads;
  }

  /** Arguments: name of the opener's class, model, threads. */
  public static void main(String[] args) throws ReflectiveOperationException, IOException {
    PrintStream answers = System.out;
    System.setOut(System.err); // what runtimes print is no answer
    Contestant.Opener opener =
        Class.forName(args[0])
            .asSubclass(Contestant.Opener.class)
            .getDeclaredConstructor()
            .newInstance();
    ContestantMain main = new ContestantMain(opener, Path.of(args[1]), Integer.parseInt(args[2]));
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      answers.println(main.answer(line.split(" ", -1)));
      answers.flush();
      if (line.equals("close")) {
        break;
      }
    }
    // A native library may hang in its clean-up; there is nothing left to clean up.
    Runtime.getRuntime().halt(0);
  }

  private String answer(String[] command) {
    try {
      return MARK + run(command);
    } catch (IOException | RuntimeException | LinkageError | AssertionError e) {
      System.getLogger("dev.lanewise.bench").log(System.Logger.Level.ERROR, "failed", e);
      return FAILED + e.toString().replace('\n', ' ');
    }
  }

  private String run(String[] command) throws IOException {
    return switch (command[0]) {
      case "open" -> {
        long start = System.nanoTime();
        contestant = opener.open(model, threads);
        yield String.valueOf(System.nanoTime() - start);
      }
      case "version" -> contestant().version();
      case "logits" -> floats(classifier().logits(ids(command[1])));
      case "classify" -> classify(ids(command[1]), Integer.parseInt(command[2]));
      case "generate" -> generate(command);
      case "ids" -> ints(encoder().encode(text(command[1])));
      case "encode" -> encode(texts(command[1]), Integer.parseInt(command[2]));
      case "memory" -> {
        ProcessMemory memory = ProcessMemory.current();
        yield memory.resident() + " " + memory.peak() + " " + memory.anonymous();
      }
      case "close" -> {
        contestant().close();
        yield "";
      }
      default -> throw new IllegalArgumentException("unknown command " + command[0]);
    };
  }

  private String classify(int[] ids, int calls) {
    Contestant.Classifier classifier = classifier();
    return samples(calls, () -> classifier.logits(ids));
  }

  /** A sample is all texts: one alone may be too short to be timed. */
  private String encode(List<String> texts, int calls) {
    Contestant.Encoder encoder = encoder();
    return samples(calls, () -> texts.stream().mapToInt(t -> encoder.encode(t).length).sum());
  }

  /** Results are kept, so that no call can be left out. */
  private static String samples(int calls, Supplier<Object> call) {
    StringJoiner samples = new StringJoiner(" ");
    Object[] sink = new Object[1];
    for (int i = 0; i < calls; i++) {
      Sample sample = Quiet.time(() -> sink[0] = call.get());
      if (sink[0] == null) {
        throw new IllegalStateException("no result");
      }
      samples.add(sample.nanos() + ":" + sample.clean());
    }
    return samples.toString();
  }

  /** Arguments: prompt, its ids, new tokens. */
  private String generate(String[] command) {
    if (!(contestant() instanceof Contestant.Generator generator)) {
      throw new IllegalStateException("generates nothing");
    }
    String prompt = text(command[1]);
    int[] ids = ids(command[2]);
    int newTokens = Integer.parseInt(command[3]);
    Contestant.Continuation[] made = new Contestant.Continuation[1];
    Sample sample = Quiet.time(() -> made[0] = generator.generate(prompt, ids, newTokens));
    Contestant.Continuation continuation = made[0];
    return String.join(
        " ",
        String.valueOf(sample.clean()),
        base64(continuation.text()),
        ints(continuation.ids().stream().mapToInt(Integer::intValue).toArray()),
        String.valueOf(continuation.promptTokens()),
        String.valueOf(continuation.newTokens()),
        String.valueOf(continuation.promptNanos()),
        String.valueOf(continuation.generateNanos()));
  }

  private Contestant contestant() {
    Contestant opened = contestant;
    if (opened == null) {
      throw new IllegalStateException("not open");
    }
    return opened;
  }

  private Contestant.Classifier classifier() {
    if (contestant() instanceof Contestant.Classifier classifier) {
      return classifier;
    }
    throw new IllegalStateException("classifies nothing");
  }

  private Contestant.Encoder encoder() {
    if (contestant() instanceof Contestant.Encoder encoder) {
      return encoder;
    }
    throw new IllegalStateException("encodes nothing");
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), UTF_8);
  }

  static String base64(List<String> texts) {
    return texts.stream().map(ContestantMain::base64).collect(Collectors.joining(","));
  }

  private static List<String> texts(String base64) {
    return Arrays.stream(base64.split(",", -1)).map(ContestantMain::text).toList();
  }

  static String ints(int[] values) {
    StringJoiner text = new StringJoiner(",");
    Arrays.stream(values).forEach(value -> text.add(String.valueOf(value)));
    return text.toString();
  }

  static int[] ids(String text) {
    return text.isEmpty()
        ? new int[0]
        : Arrays.stream(text.split(",", -1)).mapToInt(Integer::parseInt).toArray();
  }

  private static String floats(float[] values) {
    StringJoiner text = new StringJoiner(",");
    for (float value : values) {
      text.add(Float.toString(value));
    }
    return text.toString();
  }
}
