package dev.lanewise.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.lanewise.kernels.KernelMode;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.SelfTest;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;

/** {@code lanewise doctor}. */
@picocli.CommandLine.Command(
    name = "doctor",
    description = "Shows what this machine computes with, and checks that it computes right.",
    sortOptions = false,
    footer = {
      "",
      "JSON fields: java, cpu, cores, memory (bytes), backend, vectorBits, fma, selfTest (ok, or",
      "what is wrong), advice. Exit code 1 if the self-test fails.",
      "",
      "Example:",
      "  lanewise doctor"
    })
final class DoctorCommand implements Command {

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void run(Console console) throws IOException {
    Kernels kernels =
        common.kernels == KernelMode.AUTO ? Kernels.get() : Kernels.select(common.kernels);
    List<String> failures = SelfTest.failures(kernels);
    console.print(common.json ? json(kernels, failures) + "\n" : table(console, kernels, failures));
    if (!failures.isEmpty()) {
      throw new IOException(
          "the self-test failed: "
              + failures.getFirst()
              + "; run with --kernels scalar, or another JDK, and report it");
    }
  }

  private static String json(Kernels kernels, List<String> failures) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("java").value(java());
    json.name("cpu").value(cpu());
    json.name("cores").value(Runtime.getRuntime().availableProcessors());
    json.name("memory").value(memory());
    json.name("backend").value(kernels.name());
    json.name("vectorBits").value(kernels.vectorBits());
    json.name("fma").value(Kernels.usesFma());
    json.name("selfTest").value(selfTest(failures));
    json.name("advice").beginArray();
    advice(kernels).forEach(json::value);
    json.end();
    return json.end().text();
  }

  private static String table(Console console, Kernels kernels, List<String> failures) {
    StringBuilder out = new StringBuilder();
    line(out, console, "java", java());
    line(out, console, "cpu", cpu());
    line(out, console, "cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    line(out, console, "memory", String.format(Locale.ROOT, "%,d MiB", memory() >> 20));
    line(out, console, "backend", kernels.name());
    line(out, console, "vector bits", String.valueOf(kernels.vectorBits()));
    line(out, console, "fma", Kernels.usesFma() ? "yes" : "no");
    line(out, console, "self-test", selfTest(failures));
    for (String advice : advice(kernels)) {
      line(out, console, "advice", advice);
    }
    return out.toString();
  }

  private static void line(StringBuilder out, Console console, String name, String value) {
    out.append(console.bold(name))
        .append(" ".repeat(14 - name.length()))
        .append(Console.printable(value))
        .append('\n');
  }

  private static String selfTest(List<String> failures) {
    return failures.isEmpty() ? "ok" : String.join("; ", failures);
  }

  private static String java() {
    return Runtime.version() + ", " + System.getProperty("java.vm.name");
  }

  /** The CPU's name where Linux tells it, else the architecture. */
  private static String cpu() {
    String architecture = System.getProperty("os.arch");
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip() + ", " + architecture)
          .findFirst()
          .orElse(architecture);
    } catch (IOException | java.io.UncheckedIOException e) {
      return architecture;
    }
  }

  /** Memory of the machine or the container, in bytes. */
  private static long memory() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  private static List<String> advice(Kernels kernels) {
    List<String> advice = new ArrayList<>();
    if (kernels.vectorBits() == 0) {
      advice.add(
          "scalar kernels are several times slower; for vector kernels start Java with"
              + " --add-modules jdk.incubator.vector");
    }
    if (!Kernels.usesFma()) {
      advice.add("without FMA results differ in their last bits from those of other machines");
    }
    return advice;
  }
}
