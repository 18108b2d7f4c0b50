package dev.lanewise.cli;

import dev.lanewise.kernels.KernelMode;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Goes on in a second JVM that has the flags, where this one was started without: {@code java -jar
 * lanewise.jar}. It inherits our streams; its exit code becomes ours. A JVM that was started so
 * does not start another.
 */
final class ChildJvm {

  /** "false" keeps this JVM as it is; set in the child. */
  static final String PROPERTY = "lanewise.relaunch";

  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private static final List<String> FLAGS =
      List.of("--add-modules=" + VECTOR_MODULE, "-XX:-UsePerfData");

  /**
   * The child's exit code, or empty if no child is needed or can be had.
   *
   * @param computes whether the command wants vector kernels
   */
  OptionalInt run(List<String> args, boolean computes) {
    if ("false".equals(System.getProperty(PROPERTY)) || !(needsModule(computes) || garbles(args))) {
      return OptionalInt.empty();
    }
    Path java =
        Path.of(
            System.getProperty("java.home"),
            "bin",
            File.separatorChar == '\\' ? "java.exe" : "java");
    if (!Files.isExecutable(java)) {
      return OptionalInt.empty();
    }
    ProcessBuilder builder = new ProcessBuilder(command(java, args)).inheritIO();
    if (garbles(List.of("é"))) {
      // File names are decoded by the locale, too. Every current C library knows this one.
      builder.environment().put("LC_ALL", "C.UTF-8");
    }
    try {
      return OptionalInt.of(waitFor(builder.start()));
    } catch (IOException e) {
      // No second process here: scalar kernels give the same results.
      return OptionalInt.empty();
    }
  }

  private static boolean needsModule(boolean computes) {
    return computes
        && ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()
        && !"scalar".equalsIgnoreCase(System.getProperty(KernelMode.PROPERTY));
  }

  /** Whether an argument, which may be a file's name, cannot be told to the system as it is. */
  private static boolean garbles(List<String> args) {
    return !args.stream().allMatch(ChildJvm::encodes);
  }

  private static List<String> command(Path java, List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // A debugger's port can be listened to by one JVM only.
      if (!flag.startsWith("-agentlib:jdwp")) {
        command.add(flag);
      }
    }
    command.addAll(FLAGS);
    command.add("-D" + PROPERTY + "=false");
    if (!garbles(args)) {
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
      command.addAll(args);
    } else {
      command.add("-D" + Arguments.PROPERTY + "=" + Arguments.encode(args));
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    }
    return command;
  }

  /** Whether an argument survives the way to another process. */
  private static boolean encodes(String argument) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    return java.nio.charset.Charset.isSupported(encoding)
        && java.nio.charset.Charset.forName(encoding).newEncoder().canEncode(argument);
  }

  private static int waitFor(Process child) {
    Thread end = new Thread(child::destroy, "lanewise-end-child");
    Runtime.getRuntime().addShutdownHook(end);
    while (true) {
      try {
        return child.waitFor();
      } catch (InterruptedException e) {
        child.destroy();
      }
    }
  }
}
