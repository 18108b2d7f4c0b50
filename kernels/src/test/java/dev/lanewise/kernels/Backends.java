package dev.lanewise.kernels;

import java.util.List;

/** The backends that this JVM can run. */
final class Backends {

  private Backends() {}

  static List<Kernels> all() {
    return List.of(Kernels.scalar());
  }
}
