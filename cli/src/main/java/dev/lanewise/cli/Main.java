package dev.lanewise.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.List;

/** The {@code lanewise} command's process. */
public final class Main {

  private Main() {}

  /** Runs a command line and ends the JVM with its exit code. */
  public static void main(String[] args) {
    Terminals terminals = Terminals.detect();
    Console console =
        new Console(
            System.in,
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err),
            terminals.stdout(),
            terminals.stderr(),
            terminals.color());
    int exit;
    try {
      List<String> arguments = Arguments.of(args);
      exit = new Cli(console, new ChildJvm()::run).run(arguments);
    } catch (IOException e) {
      console.note("lanewise: " + Console.printable(Failure.describe(e)));
      exit = Cli.FAILURE;
    }
    System.exit(exit);
  }
}
