package dev.lanewise.cli;

import dev.lanewise.loader.Pooling;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Names of the states that make one vector of a text. */
final class PoolingChoice implements ITypeConverter<Pooling> {

  @Override
  public Pooling convert(String value) {
    return Pooling.of(value)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected last, mean or last+mean, found '" + value + "'"));
  }
}
