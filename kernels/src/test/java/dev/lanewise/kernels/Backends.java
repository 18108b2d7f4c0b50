package dev.lanewise.kernels;

import java.util.List;

/** The backends that this JVM can run; the build says whether the vector one must be among them. */
final class Backends {

  private Backends() {}

  static List<Kernels> all() {
    return "vector".equals(System.getProperty("expected.backend"))
        ? List.of(Kernels.scalar(), Kernels.vector())
        : List.of(Kernels.scalar());
  }
}
