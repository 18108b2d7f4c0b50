package dev.lanewise.bench;

import dev.lanewise.bench.contest.ContestantProcess;
import dev.lanewise.bench.contest.FreshRuns;
import dev.lanewise.bench.peak.Peak;
import dev.lanewise.bench.peak.PeakProbe;
import dev.lanewise.bench.report.KernelTable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * {@code java -jar benchmarks.jar [JMH's arguments]} runs benchmarks, {@code peak} measures the
 * machine, {@code fresh} measures fresh JVMs. Starts itself once more with the Vector API's flag
 * where it is missing, since all forks get the flags of this process.
 */
public final class Main {

  private Main() {}

  /** Entry point. */
  public static void main(String[] args)
      throws IOException, InterruptedException, RunnerException, CommandLineOptionException {
    if (Arrays.asList(args).contains("-l") || Arrays.asList(args).contains("-h")) {
      org.openjdk.jmh.Main.main(args);
      return;
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      System.exit(again(args));
    }
    System.out.println(Machine.current().header());
    switch (args.length == 0 ? "" : args[0]) {
      case "peak" -> peaks();
      case "fresh" -> System.out.println(FreshRuns.ofLanewise());
      default -> benchmarks(args);
    }
  }

  private static int again(String[] args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add(ContestantProcess.VECTOR_FLAG);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(Arrays.asList(args));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private static List<Peak> peaks() {
    List<Peak> peaks = PeakProbe.measure(Runtime.getRuntime().availableProcessors());
    for (Peak peak : peaks) {
      System.out.printf(
          Locale.ROOT,
          "peak      %d threads: %.1f GFLOP/s, reads %.1f GB/s%n",
          peak.threads(),
          peak.gflops(),
          peak.readGigabytes());
    }
    System.out.println();
    return peaks;
  }

  private static void benchmarks(String[] args) throws RunnerException, CommandLineOptionException {
    CommandLineOptions options = new CommandLineOptions(args);
    List<Peak> peaks = peaks();
    Collection<RunResult> results =
        new Runner(new OptionsBuilder().parent(options).addProfiler(GCProfiler.class).build())
            .run();
    System.out.println();
    System.out.println(KernelTable.of(results, peaks));
  }
}
