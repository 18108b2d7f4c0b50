package dev.lanewise.cli;

import java.io.IOException;

/** Whoever reads our results wants no more ({@code lanewise ... | head -1}): a quiet end. */
final class OutputClosedException extends IOException {

  private static final long serialVersionUID = 1L;

  OutputClosedException(IOException cause) {
    super("stdout was closed", cause);
  }
}
