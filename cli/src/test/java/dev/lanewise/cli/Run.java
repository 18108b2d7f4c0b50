package dev.lanewise.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;

/**
 * What a command line did in this JVM.
 *
 * @param exit its exit code
 * @param out what it wrote to stdout
 * @param err what it wrote to stderr
 */
record Run(int exit, String out, String err) {

  /** Runs a command line with an empty stdin. */
  static Run of(String... args) {
    return withInput(new byte[0], args);
  }

  /** Runs a command line with a text on stdin. */
  static Run withText(String in, String... args) {
    return withInput(in.getBytes(StandardCharsets.UTF_8), args);
  }

  /** Runs a command line with bytes on stdin. */
  static Run withInput(byte[] in, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(new ByteArrayInputStream(in), out, err);
    int exit = new Cli(console, (arguments, computes) -> OptionalInt.empty()).run(List.of(args));
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Lines of stderr, without the JVM's own and without warnings. */
  List<String> errorLines() {
    return err.lines()
        .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
        .toList();
  }
}
