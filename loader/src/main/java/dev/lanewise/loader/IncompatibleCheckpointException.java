package dev.lanewise.loader;

import java.io.IOException;

/**
 * Tensors or settings do not fit together: something is missing or has another shape than expected.
 */
public final class IncompatibleCheckpointException extends IOException {

  private static final long serialVersionUID = 1L;

  /** One sentence: what, where, found, expected, what to do. */
  public IncompatibleCheckpointException(String message) {
    super(message);
  }

  /** As above, with the cause. */
  public IncompatibleCheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
