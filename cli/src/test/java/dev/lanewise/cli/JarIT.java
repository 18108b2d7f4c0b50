package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Starts the real jar with {@code java -jar}. */
class JarIT {

  private static final String TRANSFER = "please move fifty dollars into my savings account";
  private static final Map<String, String> USUAL = Map.of("LC_ALL", "C.UTF-8");
  private static final String FLAG = "--add-modules jdk.incubator.vector";

  @TempDir private Path folder;

  private static Run jar(List<String> options, String... args) {
    return Spawned.jar(USUAL, options, args).run();
  }

  @Test
  void goesOnInAJvmWithTheFlag() {
    for (String kernels : List.of("auto", "vector")) {
      Run run = jar(List.of(), "classify", TRANSFER, "--json", "--kernels", kernels);
      assertThat(run.exit()).isZero();
      assertThat(run.out())
          .startsWith("{\"label\":\"transfer\",")
          .containsPattern(Spawned.vectorBackend(kernels));
      assertThat(run.errorLines()).isEmpty();
    }
  }

  @Test
  void handsOnTheExitCodeAndStdin() {
    assertThat(jar(List.of(), "classify", "").exit()).isEqualTo(1);
    assertThat(jar(List.of(), "classify").exit()).isEqualTo(2);
    Run run = Spawned.jar(USUAL, List.of(), "classify", "-").withInput("hello\n").run();
    assertThat(run.out()).startsWith("greeting ");
  }

  @Test
  void handsOnTheOptionsOfTheJvm() {
    Run run = jar(List.of("-Xmx256m", "-Dlanewise.home=/nowhere"), "classify", TRANSFER);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.errorLines()).hasSize(1);
    assertThat(run.errorLines().getFirst()).contains("/nowhere");
  }

  @Test
  void warnsExactlyOnceWithoutTheFlagAndGivesTheSame() {
    Run run = jar(List.of("-Dlanewise.relaunch=false"), "classify", TRANSFER, "hello", "--json");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("\"backend\":\"scalar\"");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("lanewise: warning: ").contains(FLAG);
    Run vector = jar(List.of(), "classify", TRANSFER, "hello", "--json");
    String backend = "\"backend\":[^}]*";
    assertThat(run.out().replaceAll(backend, "")).isEqualTo(vector.out().replaceAll(backend, ""));
  }

  @Test
  void runsScalarKernelsInTheSameJvmWithoutAWarning() {
    Run run = jar(List.of(), "classify", TRANSFER, "--json", "--kernels", "scalar");
    assertThat(run.out()).contains("\"backend\":\"scalar\"");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void failsWhereVectorKernelsAreDemandedAndMissing() {
    Run run =
        jar(List.of("-Dlanewise.relaunch=false"), "classify", TRANSFER, "--kernels", "vector");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains(FLAG);
  }

  @Test
  void needsNoSecondJvmForATokenizer() {
    Run run = jar(List.of(), "tokenize", "hello", "--json");
    assertThat(run.out()).startsWith("{\"ids\":[8000,1154,8001]");
    assertThat(run.err()).isEmpty();
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "reads /proc/self/cmdline")
  void readsArgumentsAndFileNamesAsUtf8InAnAsciiLocale() throws IOException {
    // Named by the shell: this JVM's own locale may be ASCII too.
    String script =
        """
        cafe=$(printf 'caf\\303\\251')
        ln -s '%s' "%s/$cafe"
        '%s' -jar '%s' tokenize "$cafe" --json -m "%s/$cafe"
        '%s' -jar '%s' classify "$cafe" --json --top 1 -m "%s/$cafe"
        """
            .formatted(
                Models.INTENTS,
                folder,
                Spawned.JAVA,
                Spawned.JAR,
                folder,
                Spawned.JAVA,
                Spawned.JAR,
                folder);
    Path file = Files.writeString(folder.resolve("script"), script);
    Run ascii =
        Spawned.process(Map.of("PATH", "/usr/bin:/bin", "LC_ALL", "C"), "/bin/sh", file.toString())
            .run();
    assertThat(ascii.errorLines()).isEmpty();
    assertThat(ascii.out().lines()).hasSize(2);
    assertThat(ascii.out()).contains("\"ca\",\"fe</w>\"").contains("\"tokens\":4");
  }
}
