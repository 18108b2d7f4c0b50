package dev.lanewise.bench.model;

import java.nio.file.Path;
import java.util.SplittableRandom;

/** Where benchmarks find their models, and what they feed them. */
public final class ModelFolders {

  /** System property that names the work folder; models of about 500 MB each are kept there. */
  public static final String PROPERTY = "lanewise.bench.work";

  private ModelFolders() {}

  /** The work folder: {@value #PROPERTY}, or {@code target/peers}. */
  public static Path work() {
    return Path.of(System.getProperty(PROPERTY, "target/peers"));
  }

  /** Seeded random ids below {@code vocabSize}. */
  public static int[] ids(long seed, int tokens, int vocabSize) {
    return new SplittableRandom(seed).ints(tokens, 0, vocabSize).toArray();
  }
}
