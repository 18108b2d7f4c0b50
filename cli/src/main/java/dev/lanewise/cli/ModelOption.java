package dev.lanewise.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code -m}, of commands that use a model. */
final class ModelOption {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "PATH",
      description = "Checkpoint folder or file (default: the model that ships).")
  @Nullable Path path;
}
