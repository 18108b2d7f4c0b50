package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Starts the real {@code ./lanewise}. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a POSIX shell script")
class LauncherIT {

  private static final String TRANSFER = "please move fifty dollars into my savings account";
  private static final String JAVA_HOME = System.getProperty("java.home");
  private static final Map<String, String> USUAL =
      Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "JAVA_HOME", JAVA_HOME, "LC_ALL", "C.UTF-8");

  /** {@code café} for {@code sh}, in bytes that do not depend on this JVM's locale. */
  private static final String CAFE = "$(printf 'caf\\303\\251')";

  @TempDir private Path folder;

  private static void assertOneLineFailure(Run run, int exit, String... parts) {
    assertThat(run.exit()).isEqualTo(exit);
    assertThat(run.out()).isEmpty();
    assertThat(run.errorLines()).hasSize(1);
    assertThat(run.errorLines().getFirst()).contains(parts);
    assertThat(run.err()).doesNotContain("\tat ");
  }

  private static Run shell(Map<String, String> environment, String script) {
    return Spawned.process(environment, "/bin/sh", "-c", script).run();
  }

  private static String cafe(Map<String, String> environment, String model) {
    Run run =
        shell(
            environment,
            "exec '" + Spawned.LAUNCHER + "' tokenize \"" + CAFE + "\" --json -m " + model);
    assertThat(run.exit()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void classifiesTheReadmesExampleOnVectorKernels() {
    for (String kernels : List.of("auto", "vector")) {
      Run run = Spawned.launcher(USUAL, "classify", TRANSFER, "--json", "--kernels", kernels).run();
      assertThat(run.exit()).isZero();
      assertThat(run.out())
          .startsWith("{\"label\":\"transfer\",")
          .containsPattern(Spawned.vectorBackend(kernels));
      assertThat(run.errorLines()).isEmpty();
      assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void generatesFromTheModelBesideIt() {
    Run run = Spawned.launcher(USUAL, "generate", "it was a cold", "--max-tokens", "5").run();
    assertThat(run.exit()).isZero();
    assertThat(run.out()).hasLineCount(1);
    assertThat(run.errorLines()).hasSize(1);
    assertThat(run.errorLines().getFirst())
        .containsPattern("tokens/s.*; (vector|scalar \\(warming\\))");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "no_SUCH.UTF-8"})
  void readsArgumentsAsUtf8InEveryAsciiLocale(String locale) {
    Map<String, String> ascii =
        Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "JAVA_HOME", JAVA_HOME, "LC_ALL", locale);
    assertThat(cafe(ascii, Models.INTENTS))
        .contains("\"ca\",\"fe</w>\"")
        .isEqualTo(cafe(USUAL, Models.INTENTS));
  }

  @Test
  void readsArgumentsAsUtf8InAnEmptyEnvironment() {
    assertThat(cafe(Map.of(), Models.INTENTS)).isEqualTo(cafe(USUAL, Models.INTENTS));
  }

  @Test
  void findsAJdkWithoutBeingTold() {
    // The build's own JDK stands in one of the usual folders or on the PATH.
    Run run = Spawned.launcher(Map.of("PATH", System.getenv("PATH")), "--version").run();
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("lanewise ");
  }

  @Test
  void passesOverAJavaHomeThatIsNone() {
    Map<String, String> wrong =
        Map.of("PATH", Path.of(JAVA_HOME, "bin") + ":/usr/bin:/bin", "JAVA_HOME", "/nowhere");
    assertThat(Spawned.launcher(wrong, "--version").run().exit()).isZero();
  }

  @Test
  void saysWhatToInstallWithoutAJdk() throws IOException {
    String script = Files.readString(Spawned.LAUNCHER);
    String nowhere = script.replaceFirst("(?s)for home in .*?; do", "for home in; do");
    assertThat(nowhere).isNotEqualTo(script);
    Path launcher = Files.writeString(folder.resolve("lanewise"), nowhere);
    Path tools = Files.createDirectory(folder.resolve("bin"));
    for (String tool : new String[] {"dirname", "readlink", "sed", "grep"}) {
      Path found = Path.of("/usr/bin", tool);
      Files.createSymbolicLink(
          tools.resolve(tool), Files.exists(found) ? found : Path.of("/bin", tool));
    }
    Run run =
        Spawned.process(
                Map.of("PATH", tools.toString()), "/bin/sh", launcher.toString(), "--version")
            .run();
    assertOneLineFailure(run, 1, "no Java 25 or newer found", "install a JDK 25");
  }

  @Test
  void saysThatNothingIsBuilt() throws IOException {
    Path launcher = Files.copy(Spawned.LAUNCHER, folder.resolve("lanewise"));
    Run run = Spawned.process(USUAL, launcher.toString(), "--version").run();
    assertOneLineFailure(run, 1, "not built", "mvn package");
  }

  @Test
  void worksThroughALinkFromAnotherFolderWithBlanks() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("my bin"));
    Path link = Files.createSymbolicLink(elsewhere.resolve("lw"), Spawned.LAUNCHER);
    Run run = Spawned.process(USUAL, link.toString(), "classify", TRANSFER).in(folder).run();
    assertThat(run.out()).startsWith("transfer ");
  }

  @Test
  void worksInAFolderWithBlanks() throws IOException {
    Path root = Files.createDirectory(folder.resolve("a b  c"));
    Files.createDirectories(root.resolve("cli/target"));
    Path launcher = Files.copy(Spawned.LAUNCHER, root.resolve("lanewise"));
    Files.copy(Path.of(Spawned.JAR), root.resolve("cli/target/lanewise.jar"));
    Files.createSymbolicLink(root.resolve("models"), Models.ROOT.resolve("models"));
    Run run = Spawned.process(USUAL, launcher.toString(), "classify", TRANSFER).run();
    assertThat(run.out()).startsWith("transfer ");
  }

  /** The log tells where a class came from. */
  private String loadedBy(Path launcher) throws IOException {
    Path log = folder.resolve("classes.log");
    Map<String, String> logging =
        Map.of(
            "PATH",
            "/usr/bin:/bin",
            "JAVA_HOME",
            JAVA_HOME,
            "LANEWISE_JAVA_OPTS",
            "-Xlog:class+load:file=" + log);
    Run run = Spawned.process(logging, launcher.toString(), "classify", TRANSFER).run();
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("transfer ").hasLineCount(1);
    assertThat(run.errorLines()).isEmpty();
    return Files.readString(log);
  }

  @Test
  void mapsTheClassesThatTheBuildStored() throws IOException {
    assertThat(loadedBy(Spawned.LAUNCHER))
        .containsPattern("dev\\.lanewise\\.cli\\.Main source: shared objects file")
        .containsPattern("picocli\\.CommandLine source: shared objects file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"of another jar", "of another JDK", "broken"})
  void passesOverAClassArchiveThatDoesNotFit(String archive) throws IOException {
    Path target = Files.createDirectories(folder.resolve("cli/target"));
    Path launcher = Files.copy(Spawned.LAUNCHER, folder.resolve("lanewise"));
    Path jar = Files.copy(Path.of(Spawned.JAR), target.resolve("lanewise.jar"));
    Files.createSymbolicLink(folder.resolve("models"), Models.ROOT.resolve("models"));
    Path copy = target.resolve("lanewise.jsa");
    Path release = target.resolve("lanewise.jsa.release");
    if (archive.equals("broken")) {
      Files.writeString(copy, "no archive");
    } else {
      Files.copy(Path.of(Spawned.JAR).resolveSibling("lanewise.jsa"), copy);
    }
    if (archive.equals("of another JDK")) {
      Files.writeString(release, "JAVA_VERSION=\"99\"\n");
    } else {
      Files.copy(Path.of(JAVA_HOME, "release"), release);
    }
    // The jar's time is not the one that the archive was made for.
    Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2026-01-02T00:00:00Z")));
    assertThat(loadedBy(launcher)).containsPattern("dev\\.lanewise\\.cli\\.Main source: file:");
  }

  @Test
  void writesNothingBesideItsResults() throws IOException {
    Path work = Files.createDirectory(folder.resolve("work"));
    Spawned.launcher(USUAL, "classify", TRANSFER).in(work).run();
    try (var files = Files.list(work)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void readsTextsFromStdin() {
    Run run = Spawned.launcher(USUAL, "classify", "-").withInput("hello\nsee you later\n").run();
    assertThat(run.out()).matches("greeting +.*hello\ngoodbye +.*see you later\n");
  }

  @Test
  void handsOnOptionsOfTheJvm() {
    Map<String, String> settings =
        Map.of(
            "PATH",
            "/usr/bin:/bin",
            "JAVA_HOME",
            JAVA_HOME,
            "LANEWISE_JAVA_OPTS",
            "-Xmx256m -Dlanewise.kernels=scalar");
    Run run = Spawned.launcher(settings, "classify", TRANSFER, "--json").run();
    assertThat(run.out()).contains("\"backend\":\"scalar\"");
    assertThat(run.errorLines()).isEmpty();
  }

  @Test
  void failsInOneLine() {
    assertOneLineFailure(Spawned.launcher(USUAL, "classify", "").run(), 1, "empty");
    assertOneLineFailure(
        Spawned.launcher(USUAL, "classify", "a", "-m", "/nowhere").run(), 1, "/nowhere");
    assertOneLineFailure(Spawned.launcher(USUAL, "clasify", "a").run(), 2, "classify");
    assertOneLineFailure(
        Spawned.launcher(USUAL, "classify", "-", "--jsonl").withInput("\"\\ud800\"").run(),
        1,
        "line 1 of stdin");
  }

  @Test
  void failsInOneLineOnAnArgumentThatIsNoUtf8() {
    Run run = shell(USUAL, "exec '" + Spawned.LAUNCHER + "' tokenize \"$(printf 'caf\\351')\"");
    assertOneLineFailure(run, 1, "argument 2: not UTF-8 at byte 4");
  }

  @Test
  void endsQuietlyWhenItsReaderHasSeenEnough() {
    Run run =
        shell(
            USUAL,
            "{ yes hello | head -n 3000 | '"
                + Spawned.LAUNCHER
                + "' classify -; echo $? >&2; } | head -n 1");
    assertThat(run.out()).hasLineCount(1);
    assertThat(run.errorLines()).containsExactly("0");
  }
}
