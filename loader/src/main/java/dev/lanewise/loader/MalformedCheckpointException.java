package dev.lanewise.loader;

import java.io.IOException;

/** A file breaks a rule of its format; the message names file, place and rule. */
public final class MalformedCheckpointException extends IOException {

  private static final long serialVersionUID = 1L;

  /** One sentence: what, where, found, expected, what to do. */
  public MalformedCheckpointException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public MalformedCheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
