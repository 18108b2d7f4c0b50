package dev.lanewise.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An option's value of 0 to 1. */
final class Probability implements ITypeConverter<Double> {

  @Override
  public Double convert(String value) {
    double probability;
    try {
      probability = Double.parseDouble(value);
    } catch (NumberFormatException e) {
      probability = Double.NaN;
    }
    if (!(probability >= 0 && probability <= 1)) {
      throw new TypeConversionException("expected a number from 0 to 1, found '" + value + "'");
    }
    return probability;
  }
}
