package dev.lanewise.bench;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * What a number was measured on. Printed above every report: a time without it means nothing.
 *
 * @param cpu name that the processor gives itself, with family and model where it has them
 * @param processors that this JVM may use
 * @param lastLevelCacheBytes size of the largest cache, 0 where the system doesn't tell
 * @param memoryBytes of the machine, 0 where the system doesn't tell
 * @param os name, version, architecture
 * @param jdk version and vendor
 * @param backend name of the kernels that run by default
 * @param vectorBits of these kernels, 0 for scalar
 * @param fma whether multiply and add round once
 * @param flags that the JVM was started with
 * @param lanewise version of this project
 */
public record Machine(
    String cpu,
    int processors,
    long lastLevelCacheBytes,
    long memoryBytes,
    String os,
    String jdk,
    String backend,
    int vectorBits,
    boolean fma,
    List<String> flags,
    String lanewise) {

  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path CACHE = Path.of("/sys/devices/system/cpu/cpu0/cache/index3/size");

  /** Copies the flags. */
  public Machine {
    flags = List.copyOf(flags);
  }

  /** This machine and this JVM. */
  public static Machine current() {
    Kernels kernels = Kernels.get();
    return new Machine(
        cpuName(),
        Runtime.getRuntime().availableProcessors(),
        cacheBytes(),
        memory(),
        property("os.name") + " " + property("os.version") + ", " + property("os.arch"),
        Runtime.version() + ", " + property("java.vm.vendor"),
        kernels.name(),
        kernels.vectorBits(),
        Kernels.usesFma(),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        version());
  }

  /** Bytes of weights that a benchmark must walk through so that none is still in a cache. */
  public long rotationBytes() {
    return Math.max(64L << 20, 2 * lastLevelCacheBytes);
  }

  /** A name for files: "amd-epyc-family-25-model-17-2-cores". */
  public String slug() {
    String name = (cpu + " " + processors + (processors == 1 ? " core" : " cores"));
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }

  /** Several lines for people, each "name value". */
  public String header() {
    return """
    CPU       %s, %d processors%s%s
    system    %s
    JDK       %s
    kernels   %s, %d bits, %s
    flags     %s
    lanewise  %s
    """
        .formatted(
            cpu,
            processors,
            lastLevelCacheBytes == 0
                ? ""
                : ", %d MiB last-level cache".formatted(lastLevelCacheBytes >> 20),
            memoryBytes == 0 ? "" : ", %d GiB memory".formatted(memoryBytes >> 30),
            os,
            jdk,
            backend,
            vectorBits,
            fma ? "FMA" : "no FMA",
            String.join(" ", flags),
            lanewise);
  }

  /** Writes this as one JSON object. */
  public void write(JsonWriter json) {
    json.beginObject();
    json.name("cpu").value(cpu);
    json.name("processors").value(processors);
    json.name("last_level_cache_bytes").value(lastLevelCacheBytes);
    json.name("memory_bytes").value(memoryBytes);
    json.name("os").value(os);
    json.name("jdk").value(jdk);
    json.name("backend").value(backend);
    json.name("vector_bits").value(vectorBits);
    json.name("fma").value(fma);
    json.name("flags").beginArray();
    flags.forEach(json::value);
    json.end();
    json.name("lanewise").value(lanewise);
    json.end();
  }

  private static String cpuName() {
    List<String> lines = lines(CPUINFO);
    String name = field(lines, "model name");
    if (name.isEmpty()) {
      return property("os.arch"); // not Linux, or an ARM kernel, which gives no name
    }
    // Clouds hide the name of the product; family and model say what it is.
    return name + " family " + field(lines, "cpu family") + " model " + field(lines, "model");
  }

  private static String field(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .filter(line -> line.substring(name.length()).stripLeading().startsWith(":"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static long memory() {
    String total = field(lines(MEMINFO), "MemTotal").replaceAll("\\D", "");
    return total.isEmpty() ? 0 : Long.parseLong(total) << 10;
  }

  private static long cacheBytes() {
    String size = lines(CACHE).stream().collect(Collectors.joining()).strip();
    if (!size.matches("\\d+[KM]")) {
      return 0;
    }
    long number = Long.parseLong(size.substring(0, size.length() - 1));
    return number << (size.endsWith("M") ? 20 : 10);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }

  private static String version() {
    Properties properties = new Properties();
    try (InputStream in = Machine.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }
}
