package dev.lanewise.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which of our streams are terminals. Java itself knows only whether stdin and stdout both are; the
 * launcher tells by the property {@value #PROPERTY}, and Linux by the name of the file.
 *
 * @param stdout whether stdout is one
 * @param stderr whether stderr is one
 * @param color whether the user wants colour on it
 */
record Terminals(boolean stdout, boolean stderr, boolean color) {

  static final String PROPERTY = "lanewise.terminal";

  static Terminals detect() {
    String told = System.getProperty(PROPERTY);
    String noColor = System.getenv("NO_COLOR");
    boolean color = (noColor == null || noColor.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
    if (told != null) {
      return new Terminals(told.contains("stdout"), told.contains("stderr"), color);
    }
    return new Terminals(isTerminal(1), isTerminal(2), color);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
    } catch (IOException | InvalidPathException | UnsupportedOperationException e) {
      return Optional.ofNullable(System.console()).map(java.io.Console::isTerminal).orElse(false);
    }
  }
}
