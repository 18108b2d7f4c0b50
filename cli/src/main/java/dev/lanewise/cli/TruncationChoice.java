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
      default ->
          throw new TypeConversionException("expected error, start or end, found '" + value + "'");
    };
  }
}
