package dev.lanewise.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A child process with an environment of its own. Arguments are handed over in ASCII. */
final class Spawned {

  static final Path LAUNCHER = Models.ROOT.resolve("lanewise");
  static final String JAR = System.getProperty("lanewise.jar", "");
  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final long TIMEOUT_MINUTES = 5;

  private final List<String> command;
  private final Map<String, String> environment;
  private String input = "";
  private Path workFolder = Models.ROOT;

  private Spawned(List<String> command, Map<String, String> environment) {
    this.command = command;
    this.environment = environment;
  }

  /**
   * The backend that JSON names where the JVM has the flag. Left to itself a model answers from
   * scalar loops until its vector kernels are compiled, and says so.
   */
  static String vectorBackend(String kernels) {
    String names = kernels.equals("vector") ? "vector" : "(vector|scalar \\(warming\\))";
    return "\"backend\":\"" + names + "\"";
  }

  /** The launcher, which must not build. */
  static Spawned launcher(Map<String, String> environment, String... args) {
    return process(environment, LAUNCHER.toString(), args);
  }

  /** {@code java OPTIONS -jar lanewise.jar ARGS}. */
  static Spawned jar(Map<String, String> environment, List<String> options, String... args) {
    List<String> all = new ArrayList<>(options);
    all.add("-jar");
    all.add(JAR);
    all.addAll(Arrays.asList(args));
    return process(environment, JAVA, all.toArray(String[]::new));
  }

  static Spawned process(Map<String, String> environment, String program, String... args) {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(Arrays.asList(args));
    return new Spawned(command, environment);
  }

  Spawned in(Path folder) {
    workFolder = folder;
    return this;
  }

  Spawned withInput(String text) {
    input = text;
    return this;
  }

  /** Runs it to its end. */
  Run run() {
    try {
      Path files = Files.createTempDirectory("lanewise-it");
      Path in = Files.writeString(files.resolve("in"), input);
      Path out = files.resolve("out");
      Path err = files.resolve("err");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(workFolder.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      builder.environment().put("LANEWISE_BUILD", "never");
      Process process = builder.start();
      if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("no end within " + TIMEOUT_MINUTES + " minutes: " + command);
      }
      Run run = new Run(process.exitValue(), text(out), text(err));
      for (Path file : List.of(in, out, err, files)) {
        Files.delete(file);
      }
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
