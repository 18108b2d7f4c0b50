package dev.lanewise.cli;

import dev.lanewise.Preprocessing;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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

  @Option(
      names = "--preprocessing",
      paramLabel = "HOW",
      converter = PreprocessingChoice.class,
      description =
          "GPT-1 texts: auto (default: as the model's files say), original (the 2018 release's"
              + " repair, English words, lower case), or transformers.")
  private Preprocessing preprocessing = Preprocessing.AUTO;

  /** What is done to GPT-1 texts. */
  Preprocessing preprocessing() {
    return preprocessing;
  }

  /** Names of the ways. */
  static final class PreprocessingChoice implements ITypeConverter<Preprocessing> {
    @Override
    public Preprocessing convert(String value) {
      return switch (value) {
        case "auto" -> Preprocessing.AUTO;
        case "original" -> Preprocessing.ORIGINAL;
        case "transformers" -> Preprocessing.TRANSFORMERS;
        default ->
            throw new TypeConversionException(
                "expected auto, original or transformers, found '" + value + "'");
      };
    }
  }

  /**
   * Fails unless a model was named: what is written beside one should not go to the model that
   * ships unasked.
   */
  void requireGiven() {
    if (path == null) {
      throw new UsageException("missing required option: '--model=PATH'");
    }
  }

  /** The path, or that of the model that ships. */
  Path orShipped(ShippedModel model) throws IOException {
    return path == null ? model.locate() : Path.of(path);
  }
}
