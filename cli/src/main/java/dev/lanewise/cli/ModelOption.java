package dev.lanewise.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * {@code -m}, of commands that use a model. A text until it is used: in an ASCII locale it is no
 * path before the command goes on in a JVM of another locale.
 */
final class ModelOption {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description = "Checkpoint folder or file (default: the model that ships).")
  private @Nullable String path;

  /** The path, or that of the model that ships. */
  Path orShipped(ShippedModel model) throws IOException {
    return path == null ? model.locate() : Path.of(path);
  }
}
