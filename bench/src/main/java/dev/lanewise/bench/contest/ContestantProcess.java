package dev.lanewise.bench.contest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lanewise.bench.contest.Contestant.Continuation;
import dev.lanewise.bench.contest.Quiet.Sample;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A contestant in a process of its own, seen from the one that compares: its memory is its own, and
 * neither its threads nor its JIT compiler meet those of the others. Not thread-safe.
 */
public final class ContestantProcess implements AutoCloseable {

  private final Entry entry;
  private final int threads;
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter commands;
  private final Path log;

  private ContestantProcess(Entry entry, int threads, Process process, Path log) {
    this.entry = entry;
    this.threads = threads;
    this.process = process;
    this.answers = process.inputReader(UTF_8);
    this.commands = process.outputWriter(UTF_8);
    this.log = log;
  }

  /**
   * What takes part.
   *
   * @param name in tables
   * @param opener class name of a {@link Contestant.Opener}
   * @param model that it opens
   * @param classpath of its process, empty for that of this one
   * @param flags of its JVM
   */
  public record Entry(
      String name, String opener, Path model, String classpath, List<String> flags) {

    /** Copies the flags. */
    public Entry {
      flags = List.copyOf(flags);
    }

    /** An entry with the class path of this process. */
    public static Entry here(String name, Class<?> opener, Path model, String... flags) {
      return new Entry(name, opener.getName(), model, "", List.of(flags));
    }
  }

  /** A flag that starts the JVM with the Vector API. */
  public static final String VECTOR_FLAG = "--add-modules=jdk.incubator.vector";

  /** Flags for a runtime whose memory lies outside the heap, as the command sets them. */
  public static final List<String> SMALL_HEAP = List.of("-XX:+UseSerialGC", "-Xms24m");

  /**
   * Starts the process; the model is not open yet.
   *
   * @param logs folder for what it prints
   */
  public static ContestantProcess start(Entry entry, int threads, Path logs) throws IOException {
    Files.createDirectories(logs);
    Path log = logs.resolve(entry.name().replaceAll("\\W+", "-") + "-" + threads + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(entry.flags());
    command.add("-cp");
    command.add(
        entry.classpath().isEmpty() ? System.getProperty("java.class.path") : entry.classpath());
    command.add(ContestantMain.class.getName());
    command.addAll(List.of(entry.opener(), entry.model().toString(), String.valueOf(threads)));
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    return new ContestantProcess(entry, threads, process, log);
  }

  /** What runs here. */
  public Entry entry() {
    return entry;
  }

  /** Threads of one call. */
  public int threads() {
    return threads;
  }

  /** Opens the model; nanoseconds that it took. */
  public long open() throws IOException {
    return Long.parseLong(ask("open"));
  }

  /** Name and version. */
  public String version() throws IOException {
    return ask("version");
  }

  /** Logits of a text given as ids. */
  public float[] logits(int[] ids) throws IOException {
    String[] values = ask("logits " + ContestantMain.ints(ids)).split(",", -1);
    float[] logits = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      logits[i] = Float.parseFloat(values[i]);
    }
    return logits;
  }

  /** Times classifications of a text given as ids. */
  public List<Sample> classify(int[] ids, int calls) throws IOException {
    return samples(ask("classify " + ContestantMain.ints(ids) + " " + calls));
  }

  /** Ids of a text. */
  public int[] ids(String text) throws IOException {
    return ContestantMain.ids(ask("ids " + ContestantMain.base64(text)));
  }

  /** Times encodings; a sample is all texts, one after the other. */
  public List<Sample> encode(List<String> texts, int calls) throws IOException {
    return samples(ask("encode " + ContestantMain.base64(texts) + " " + calls));
  }

  /** A continuation, and whether its time is clean. */
  public record TimedContinuation(Continuation continuation, boolean clean) {}

  /** Continues a prompt. */
  public TimedContinuation generate(String prompt, int[] ids, int newTokens) throws IOException {
    String[] answer =
        ask("generate %s %s %d"
                .formatted(ContestantMain.base64(prompt), ContestantMain.ints(ids), newTokens))
            .split(" ", -1);
    return new TimedContinuation(
        new Continuation(
            ContestantMain.text(answer[1]),
            Arrays.stream(ContestantMain.ids(answer[2])).boxed().toList(),
            Integer.parseInt(answer[3]),
            Integer.parseInt(answer[4]),
            Long.parseLong(answer[5]),
            Long.parseLong(answer[6])),
        Boolean.parseBoolean(answer[0]));
  }

  /** Memory of the process. */
  public ProcessMemory memory() throws IOException {
    String[] answer = ask("memory").split(" ", -1);
    return new ProcessMemory(
        Long.parseLong(answer[0]), Long.parseLong(answer[1]), Long.parseLong(answer[2]));
  }

  private static List<Sample> samples(String answer) {
    return Arrays.stream(answer.split(" ", -1))
        .map(sample -> sample.split(":", 2))
        .map(parts -> new Sample(Long.parseLong(parts[0]), Boolean.parseBoolean(parts[1])))
        .toList();
  }

  private String ask(String command) throws IOException {
    commands.write(command);
    commands.newLine();
    commands.flush();
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(ContestantMain.MARK)) {
        return line.substring(ContestantMain.MARK.length());
      }
      if (line.startsWith(ContestantMain.FAILED)) {
        throw new IOException(
            "%s: %s; see %s"
                .formatted(entry.name(), line.substring(ContestantMain.FAILED.length()), log));
      }
    }
    throw new IOException("%s: the process ended; see %s".formatted(entry.name(), log));
  }

  /** Closes the model and ends the process, by force if it hangs. */
  @Override
  public void close() {
    try {
      commands.write("close\n");
      commands.flush();
      if (process.waitFor(10, TimeUnit.SECONDS)) {
        return;
      }
    } catch (IOException e) {
      process.destroyForcibly(); // it has ended already
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
