package dev.lanewise.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An option's finite value of 0 or more. */
final class NonNegative implements ITypeConverter<Double> {

  @Override
  public Double convert(String value) {
    double number;
    try {
      number = Double.parseDouble(value);
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    if (!(number >= 0 && number <= Double.MAX_VALUE)) {
      throw new TypeConversionException("expected a number of at least 0, found '" + value + "'");
    }
    return number;
  }
}
