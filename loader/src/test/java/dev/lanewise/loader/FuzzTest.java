package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.Jazzer;
import dev.lanewise.loader.LoaderFuzzer.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@link LoaderFuzzer} for a short time, in a JVM of its own: Jazzer rewrites the classes that
 * it watches. {@code -Dfuzz.format=GGUF -Dfuzz.seconds=600} makes it a long one of one format; what
 * it finds is in {@code target/fuzz}.
 */
class FuzzTest {

  private static final String SECONDS = System.getProperty("fuzz.seconds", "4");

  private static final List<Format> FORMATS =
      Stream.of(Format.values())
          .filter(f -> f.name().equals(System.getProperty("fuzz.format", f.name())))
          .toList();

  @TempDir private Path dir;

  @Test
  void noInputBreaksTheLoader() throws IOException, InterruptedException {
    Path seeds = Files.createDirectory(dir.resolve("seeds"));
    for (int i = 0; i < FORMATS.size(); i++) {
      Format format = FORMATS.get(i);
      Path folder = Files.createDirectories(format.in(dir.resolve("root")));
      copy(Fixtures.resource("/" + format.folder), format, folder);
      Files.write(seeds.resolve(format.name()), LoaderFuzzer.input(i, seed(format)));
    }
    Path findings = Files.createDirectories(Path.of("target", "fuzz").toAbsolutePath());
    Path log = findings.resolve("log.txt");
    int exit = fuzzer(seeds, findings).redirectOutput(log.toFile()).start().waitFor();
    List<String> lines = Files.readAllLines(log);
    assertThat(exit).as(() -> String.join("\n", lines)).isZero();
    assertThat(lines)
        .anyMatch(line -> line.matches("stat::number_of_executed_units: +[1-9][0-9]{2,}"));
  }

  private ProcessBuilder fuzzer(Path seeds, Path findings) {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+EnableDynamicAgentLoading",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Jazzer.class.getName(),
            "--target_class=" + LoaderFuzzer.class.getName(),
            "--target_args=" + dir.resolve("root"),
            "--instrumentation_includes=dev.lanewise.loader.**",
            "--custom_hook_includes=dev.lanewise.loader.**",
            "--reproducer_path=" + findings,
            "-artifact_prefix=" + findings + "/",
            "-max_total_time=" + SECONDS,
            "-timeout=10",
            "-max_len=65536",
            "-print_final_stats=1",
            seeds.toString())
        .redirectErrorStream(true);
  }

  /** The other files of a checkpoint. */
  private static void copy(Path from, Format format, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = Objects.requireNonNull(file.getFileName()).toString();
        if (!name.equals(format.file) && !name.endsWith(".gguf")) {
          Files.copy(file, to.resolve(name));
        }
      }
    }
  }

  private static byte[] seed(Format format) throws IOException {
    Path file = Fixtures.resource("/" + format.folder).resolve(format.file);
    byte[] whole = Files.readAllBytes(file);
    return switch (format) {
      case PICKLE -> {
        try (ZipFile zip = new ZipFile(file.toFile())) {
          ZipEntry pickle =
              zip.stream().filter(entry -> entry.getName().endsWith("data.pkl")).findAny().get();
          yield zip.getInputStream(pickle).readAllBytes();
        }
      }
      case TABLE -> Arrays.copyOf(whole, 0x118);
      case SNAPPY -> new byte[] {5, 16, 'h', 'e', 'l', 'l', 'o'};
      default -> whole;
    };
  }
}
