package dev.lanewise.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/** Says in one sentence what went wrong. */
final class Failure {

  private Failure() {}

  /** The message, with the words that the JDK's own exceptions leave out. */
  static String describe(Throwable e) {
    return switch (e) {
      case NoSuchFileException f -> withReason(f, "no such file or folder");
      case AccessDeniedException f -> withReason(f, "permission denied");
      case NotDirectoryException f -> withReason(f, "not a folder");
      case FileSystemException f -> withReason(f, "cannot be read");
      case InvalidPathException f -> "'" + f.getInput() + "' is no valid path: " + f.getReason();
      case OutOfMemoryError f ->
          "out of memory ("
              + f.getMessage()
              + "); give the JVM more with LANEWISE_JAVA_OPTS=-Xmx4g";
      case StackOverflowError f -> "internal error: stack overflow; --stacktrace shows where";
      case IOException f -> orName(f);
      case IllegalArgumentException f when f.getMessage() != null -> f.getMessage();
      case IllegalStateException f when f.getMessage() != null -> withCause(f);
      default -> "internal error: " + e + "; --stacktrace shows where";
    };
  }

  private static String withReason(FileSystemException e, String otherwise) {
    String reason = e.getReason() == null ? otherwise : e.getReason();
    return e.getFile() == null ? reason : e.getFile() + ": " + reason;
  }

  private static String withCause(IllegalStateException e) {
    Throwable cause = e.getCause();
    String message = orName(e);
    if (cause == null || cause.getMessage() == null || message.contains(cause.getMessage())) {
      return message;
    }
    return message + " (" + cause.getMessage() + ")";
  }

  private static String orName(Throwable e) {
    @Nullable String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
