package dev.lanewise.kernels;

import java.util.Locale;

/** Which kernels to run: the values of {@code -Dlanewise.kernels} and {@code --kernels}. */
public enum KernelMode {
  /** The vector kernels where the JVM offers the Vector API, otherwise the scalar ones. */
  AUTO,
  /** The vector kernels or an error. */
  VECTOR,
  /** The scalar kernels. */
  SCALAR;

  /** The system property that {@link Kernels#get} reads. */
  public static final String PROPERTY = "lanewise.kernels";

  /** The name as written in options: lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The mode called {@code name}, in any case.
   *
   * @throws IllegalArgumentException for any other name
   */
  public static KernelMode of(String name) {
    for (KernelMode mode : values()) {
      if (mode.name().equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "unknown kernels '" + name + "': expected auto, vector or scalar");
  }
}
