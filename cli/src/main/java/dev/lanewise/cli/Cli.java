package dev.lanewise.cli;

import dev.lanewise.kernels.KernelMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Parses arguments, runs a command and turns what goes wrong into one line and an exit code: 0 ok,
 * 1 failure, 2 wrong usage.
 */
final class Cli {

  /** A way to go on in another JVM. */
  @FunctionalInterface
  interface Relaunch {
    /**
     * The other JVM's exit code, or empty if this one has to do.
     *
     * @param computes whether the command wants vector kernels
     */
    OptionalInt run(List<String> args, boolean computes);
  }

  static final int OK = 0;
  static final int FAILURE = 1;
  static final int USAGE = 2;

  private static final Map<String, Supplier<Command>> COMMANDS = commands();

  private final Console console;
  private final Relaunch relaunch;

  Cli(Console console, Relaunch relaunch) {
    this.console = console;
    this.relaunch = relaunch;
  }

  /** In the order of the help. */
  private static Map<String, Supplier<Command>> commands() {
    Map<String, Supplier<Command>> commands = new LinkedHashMap<>();
    commands.put("classify", ClassifyCommand::new);
    commands.put("generate", GenerateCommand::new);
    commands.put("score", ScoreCommand::new);
    commands.put("tokenize", TokenizeCommand::new);
    commands.put("inspect", InspectCommand::new);
    commands.put("evaluate", EvaluateCommand::new);
    commands.put("calibrate", CalibrateCommand::new);
    commands.put("verify", VerifyCommand::new);
    commands.put("quantize", QuantizeCommand::new);
    commands.put("fit", FitCommand::new);
    commands.put("features", FeaturesCommand::new);
    commands.put("doctor", DoctorCommand::new);
    return commands;
  }

  /** Runs one command line. */
  int run(List<String> args) {
    CommandLine root = commandLine(args.isEmpty() ? "" : args.getFirst());
    ParseResult parsed;
    try {
      parsed = root.parseArgs(args.toArray(String[]::new));
    } catch (ParameterException e) {
      return usage(e.getCommandLine(), message(e));
    }
    CommandLine line = root;
    for (ParseResult r = parsed; r.hasSubcommand(); ) {
      r = r.subcommand();
      line = r.commandSpec().commandLine();
    }
    try {
      if (line.isUsageHelpRequested()) {
        console.print(help(line));
        return OK;
      }
      if (line.isVersionHelpRequested()) {
        console.println("lanewise " + Version.current());
        return OK;
      }
    } catch (OutputClosedException e) {
      return OK;
    } catch (IOException e) {
      return failure(e, false);
    }
    if (!(line.getCommand() instanceof Command command)) {
      return usage(root, "missing command");
    }
    return run(command, line, args);
  }

  private int run(Command command, CommandLine line, List<String> args) {
    CommonOptions common = command.common();
    try {
      command.check();
      boolean computes = command.computes() && common.kernels != KernelMode.SCALAR;
      OptionalInt exit = relaunch.run(args, computes);
      if (exit.isPresent()) {
        return exit.getAsInt();
      }
      Log.quiet(common.quiet);
      command.run(console);
      return OK;
    } catch (UsageException e) {
      return usage(line, String.valueOf(e.getMessage()));
    } catch (OutputClosedException e) {
      return OK;
    } catch (IOException | RuntimeException | Error e) {
      return failure(e, common.stacktrace);
    }
  }

  /**
   * The parser. A command line that begins with a command's name needs no other command, and each
   * costs several milliseconds of reflection.
   */
  private CommandLine commandLine(String first) {
    CommandLine root = new CommandLine(new LanewiseCommand());
    Supplier<Command> named = COMMANDS.get(first);
    if (named == null) {
      COMMANDS.values().forEach(command -> root.addSubcommand(command.get()));
    } else {
      root.addSubcommand(named.get());
    }
    // A text may begin with '@'; it is no file of arguments.
    root.setExpandAtFiles(false);
    root.setUsageHelpWidth(100);
    return root;
  }

  private String help(CommandLine line) {
    StringWriter text = new StringWriter();
    line.usage(new PrintWriter(text), console.color() ? Ansi.ON : Ansi.OFF);
    return text.toString();
  }

  private int usage(CommandLine line, String message) {
    String name = line.getCommandSpec().qualifiedName();
    console.note(name + ": " + Console.printable(message) + "; see '" + name + " --help'");
    return USAGE;
  }

  private int failure(Throwable e, boolean stacktrace) {
    if (stacktrace) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      console.note(trace.toString().stripTrailing());
    } else {
      console.note("lanewise: " + Console.printable(Failure.describe(e)));
    }
    return FAILURE;
  }

  /** Our words for what the parser found, in one line. */
  private static String message(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    if (e instanceof MissingParameterException) {
      return lowerFirst(e.getMessage());
    }
    Throwable cause = e.getCause();
    if (e.getArgSpec() instanceof CommandLine.Model.OptionSpec option
        && cause instanceof CommandLine.TypeConversionException) {
      return option.longestName() + ": " + cause.getMessage();
    }
    return lowerFirst(e.getMessage());
  }

  private static String unmatched(UnmatchedArgumentException e) {
    String argument = e.getUnmatched().getFirst();
    if (e.isUnknownOption()) {
      return "unknown option '" + argument + "' (put -- before a text that begins with '-')";
    }
    if (e.getCommandLine().getCommand() instanceof LanewiseCommand) {
      String similar = Similar.to(argument, e.getCommandLine().getSubcommands().keySet());
      return "unknown command '"
          + argument
          + "'"
          + (similar == null ? "" : ", did you mean '" + similar + "'?");
    }
    return "unexpected argument '" + argument + "' (quote a text that has blanks)";
  }

  private static String lowerFirst(@Nullable String message) {
    if (message == null || message.isEmpty()) {
      return "wrong usage";
    }
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }
}
