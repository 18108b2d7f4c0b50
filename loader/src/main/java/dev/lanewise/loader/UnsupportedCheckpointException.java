package dev.lanewise.loader;

import java.io.IOException;

/**
 * A valid file of a version, type or architecture that is not supported; the message says what is.
 */
public final class UnsupportedCheckpointException extends IOException {

  private static final long serialVersionUID = 1L;

  /** One sentence: what, where, found, expected, what to do. */
  public UnsupportedCheckpointException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public UnsupportedCheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
