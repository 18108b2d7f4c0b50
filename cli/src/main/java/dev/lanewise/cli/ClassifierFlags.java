package dev.lanewise.cli;

import dev.lanewise.ClassifierOptions;
import dev.lanewise.LastToken;
import dev.lanewise.Task;
import dev.lanewise.Truncation;
import dev.lanewise.loader.ModelConfig.ProblemType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of commands that classify: what the model's config says otherwise. */
final class ClassifierFlags {

  @Option(
      names = "--task",
      paramLabel = "TASK",
      converter = TaskChoice.class,
      description =
          "classification, entailment, similarity or multiple-choice (default: as the config says,"
              + " else what the inputs are).")
  private @Nullable Task task;

  @Option(
      names = "--start-token",
      paramLabel = "TOKEN",
      description = "Token before an input, its text or id (default: the config's, or none).")
  private @Nullable String start;

  @Option(
      names = "--delimiter-token",
      paramLabel = "TOKEN",
      description = "Token between two texts.")
  private @Nullable String delimiter;

  @Option(
      names = "--extract-token",
      paramLabel = "TOKEN",
      description = "Token after an input, which the head reads.")
  private @Nullable String extract;

  @Option(
      names = "--pooling",
      paramLabel = "TOKEN",
      converter = LastTokenChoice.class,
      description =
          "Which token of ids the head reads: auto (default, as transformers does), last, or"
              + " last-non-pad.")
  private LastToken lastToken = LastToken.AUTO;

  @Option(
      names = "--problem-type",
      paramLabel = "TYPE",
      converter = ProblemTypeChoice.class,
      description =
          "How outputs are read: single (softmax), multi (a sigmoid each), regression (default: as"
              + " the config says).")
  private @Nullable ProblemType problemType;

  @Option(
      names = "--truncation",
      paramLabel = "WHAT",
      converter = TruncationChoice.class,
      description =
          "An input longer than the context is an error (default), cut to its start or its end, or"
              + " read in windows whose logits are averaged: error, start, end, window.")
  private Truncation truncation = Truncation.ERROR;

  @Option(
      names = "--window-stride",
      paramLabel = "TOKENS",
      converter = PositiveInt.class,
      description = "From one window to the next (default: three quarters of a window).")
  private @Nullable Integer windowStride;

  @Option(names = "--no-calibration", description = "Ignore the temperature beside the model.")
  private boolean uncalibrated;

  /** As the library has them. */
  ClassifierOptions options() {
    return ClassifierOptions.defaults()
        .withTask(task)
        .withTokens(start, delimiter, extract)
        .withProblemType(problemType)
        .withLastToken(lastToken)
        .withWindowStride(windowStride == null ? 0 : windowStride);
  }

  /** Whether a temperature beside the model is used. */
  boolean calibrated() {
    return !uncalibrated;
  }

  /** What happens to inputs that are too long. */
  Truncation truncation() {
    return truncation;
  }

  /** Names of the tasks. */
  static final class TaskChoice implements ITypeConverter<Task> {
    @Override
    public Task convert(String value) {
      return Task.of(value)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected classification, entailment, similarity or multiple-choice, found '"
                          + value
                          + "'"));
    }
  }

  /** Names of the rules. */
  static final class LastTokenChoice implements ITypeConverter<LastToken> {
    @Override
    public LastToken convert(String value) {
      return switch (value) {
        case "auto" -> LastToken.AUTO;
        case "last" -> LastToken.LAST;
        case "last-non-pad" -> LastToken.LAST_NON_PAD;
        default ->
            throw new TypeConversionException(
                "expected auto, last or last-non-pad, found '" + value + "'");
      };
    }
  }

  /** Names of the types. */
  static final class ProblemTypeChoice implements ITypeConverter<ProblemType> {
    @Override
    public ProblemType convert(String value) {
      return switch (value) {
        case "single" -> ProblemType.SINGLE_LABEL_CLASSIFICATION;
        case "multi" -> ProblemType.MULTI_LABEL_CLASSIFICATION;
        case "regression" -> ProblemType.REGRESSION;
        default ->
            throw new TypeConversionException(
                "expected single, multi or regression, found '" + value + "'");
      };
    }
  }
}
