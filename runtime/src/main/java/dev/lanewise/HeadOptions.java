package dev.lanewise;

import dev.lanewise.loader.Pooling;
import java.util.List;

/**
 * How a linear head is fitted. Immutable.
 *
 * @param pooling of the states that it reads
 * @param bias whether it has one; transformers' heads have none, nor other states than the last
 * @param strengths inverse strengths C of the penalty to choose from, at least one, all above 0
 * @param folds of the cross-validation, at least 2
 * @param seed of the folds
 */
public record HeadOptions(
    Pooling pooling, boolean bias, List<Double> strengths, int folds, long seed) {

  /** Checks the ranges. */
  public HeadOptions {
    strengths = List.copyOf(strengths);
    if (strengths.isEmpty() || !strengths.stream().allMatch(c -> c > 0 && c <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "strengths must be numbers above 0, at least one, found " + strengths);
    }
    if (folds < 2) {
      throw new IllegalArgumentException("folds must be at least 2, found " + folds);
    }
  }

  /** The last and the mean state with a bias; C of 0.01, 0.1 and 1 in three folds. */
  public static HeadOptions defaults() {
    return new HeadOptions(Pooling.LAST_AND_MEAN, true, List.of(0.01, 0.1, 1.0), 3, 1);
  }

  /** These options with other states. */
  public HeadOptions withPooling(Pooling pooling) {
    return new HeadOptions(pooling, bias, strengths, folds, seed);
  }

  /** These options with or without a bias. */
  public HeadOptions withBias(boolean bias) {
    return new HeadOptions(pooling, bias, strengths, folds, seed);
  }

  /** These options with other strengths. */
  public HeadOptions withStrengths(List<Double> strengths) {
    return new HeadOptions(pooling, bias, strengths, folds, seed);
  }

  /** These options with another number of folds. */
  public HeadOptions withFolds(int folds) {
    return new HeadOptions(pooling, bias, strengths, folds, seed);
  }

  /** These options with another seed. */
  public HeadOptions withSeed(long seed) {
    return new HeadOptions(pooling, bias, strengths, folds, seed);
  }
}
