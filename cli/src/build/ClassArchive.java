import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes a class-data archive beside the command's jar: {@code java ClassArchive.java JAR ROOT}.
 *
 * <p>Runs a few command lines, collects the classes that they load and has the JVM store these as
 * it needs them in memory: {@code lanewise.jsa}. A copy of the JDK's release file beside it ({@code
 * lanewise.jsa.release}) tells the launcher which JDK can map it. Without an archive the command
 * only starts slower, so nothing that goes wrong here fails the build.
 */
final class ClassArchive {

  /** What decides the layout of an archive: the launcher has the same. */
  private static final List<String> FLAGS =
      List.of("--add-modules", "jdk.incubator.vector", "-XX:-UsePerfData");

  private static final Path HOME = Path.of(System.getProperty("java.home"));

  private final Path jar;
  private final Path root;
  private final Path log;

  private ClassArchive(Path jar, Path root) {
    this.jar = jar;
    this.root = root;
    this.log = jar.resolveSibling("class-archive.log");
  }

  /** Entry point. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path jar = Path.of(args[0]).toAbsolutePath();
    Path archive = jar.resolveSibling("lanewise.jsa");
    Path release = jar.resolveSibling("lanewise.jsa.release");
    Files.deleteIfExists(release);
    Files.deleteIfExists(archive);
    ClassArchive maker = new ClassArchive(jar, Path.of(args[1]));
    Files.deleteIfExists(maker.log);
    if (maker.write(archive)) {
      Files.copy(HOME.resolve("release"), release, StandardCopyOption.REPLACE_EXISTING);
    } else {
      System.out.println("[WARNING] no class archive, the command starts slower: see " + maker.log);
    }
  }

  /** Scalar kernels, then vector ones, a language model, and the output in its forms. */
  private boolean write(Path archive) throws IOException, InterruptedException {
    Set<String> classes = new LinkedHashSet<>();
    boolean ok =
        collect(classes, "classify", "hello", "--top", "3")
            && collect(classes, "classify", "hello", "--json", "--kernels", "vector")
            && collect(classes, "generate", "it was a cold", "--max-tokens", "4")
            && collect(classes, "tokenize", "hello");
    if (!ok) {
      return false;
    }
    Path list = jar.resolveSibling("class-archive.classes");
    Files.write(list, classes);
    Path draft = jar.resolveSibling("lanewise.jsa.draft");
    ok =
        run(
            List.of(
                "-Xshare:dump",
                "-XX:SharedClassListFile=" + list,
                "-XX:SharedArchiveFile=" + draft));
    if (ok) {
      Files.move(draft, archive, StandardCopyOption.ATOMIC_MOVE);
    }
    return ok;
  }

  /** Adds the classes of one command line. */
  private boolean collect(Set<String> classes, String... args)
      throws IOException, InterruptedException {
    Path list = jar.resolveSibling("class-archive.loaded");
    boolean ok = run(List.of("-XX:DumpLoadedClassList=" + list), args);
    if (ok) {
      for (String line : Files.readAllLines(list)) {
        // Constants resolved ahead link classes, and linked ones of picocli, whose class files are
        // of an old version, are not archived. Ids count anew in each list.
        if (!line.startsWith("@cp ")) {
          classes.add(line.replaceFirst(" id: \\d+$", ""));
        }
      }
      Files.delete(list);
    }
    return ok;
  }

  private boolean run(List<String> options, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(HOME.resolve("bin").resolve("java").toString());
    command.addAll(FLAGS);
    command.addAll(options);
    command.add("-Dlanewise.home=" + root);
    command.add("-jar");
    command.add(jar.toString());
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start()
            .waitFor()
        == 0;
  }
}
