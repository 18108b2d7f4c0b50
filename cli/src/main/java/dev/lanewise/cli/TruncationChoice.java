package dev.lanewise.cli;

import dev.lanewise.Truncation;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Names of what is done to texts that are too long. */
final class TruncationChoice implements ITypeConverter<Truncation> {

  @Override
  public Truncation convert(String value) {
    return switch (value) {
      case "error" -> Truncation.ERROR;
      case "start" -> Truncation.KEEP_START;
      case "end" -> Truncation.KEEP_END;
      case "window" -> Truncation.WINDOWS;
      default ->
          throw new TypeConversionException(
              "expected error, start, end or window, found '" + value + "'");
    };
  }
}
