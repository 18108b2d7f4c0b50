package dev.lanewise.cli;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Where the library's log goes when the command runs it: warnings and errors to stderr, a line
 * each. It also spares the start-up of {@code java.logging}.
 */
public final class Log extends System.LoggerFinder {

  private static volatile boolean quiet;

  /** For {@link java.util.ServiceLoader}. */
  public Log() {}

  /** Whether warnings are left out. */
  static void quiet(boolean value) {
    quiet = value;
  }

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new Logger(name);
  }

  private record Logger(String name) implements System.Logger {

    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      Level threshold = quiet ? Level.ERROR : Level.WARNING;
      return level.getSeverity() >= threshold.getSeverity() && level != Level.OFF;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      if (isLoggable(level)) {
        String cause = thrown == null ? "" : " (" + thrown + ")";
        System.err.println(
            "lanewise: "
                + level.getName().toLowerCase(java.util.Locale.ROOT)
                + ": "
                + Console.printable(message + cause));
      }
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object @Nullable ... params) {
      if (isLoggable(level)) {
        boolean plain = format == null || params == null || params.length == 0;
        log(level, bundle, plain ? format : MessageFormat.format(format, params), (Throwable) null);
      }
    }
  }
}
