package dev.lanewise.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An option's value of 1 or more. */
final class PositiveInt implements ITypeConverter<Integer> {

  @Override
  public Integer convert(String value) {
    int number;
    try {
      number = Integer.parseInt(value);
    } catch (NumberFormatException e) {
      number = 0;
    }
    if (number < 1) {
      throw new TypeConversionException("expected an integer of at least 1, found '" + value + "'");
    }
    return number;
  }
}
