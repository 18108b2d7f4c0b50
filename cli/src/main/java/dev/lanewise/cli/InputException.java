package dev.lanewise.cli;

import java.io.IOException;

/** An input cannot be used; says which one. Exit code 1. */
final class InputException extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Says where and why.
   *
   * @param where "line 3 of stdin", or "" where there is only one input
   */
  InputException(String where, String message, Throwable cause) {
    super(where.isEmpty() ? message : where + ": " + message, cause);
  }

  InputException(String where, String message) {
    super(where.isEmpty() ? message : where + ": " + message);
  }
}
