package dev.lanewise.bench.peers.rival;

/** Versions of runtimes that don't tell theirs. */
final class Version {

  private Version() {}

  /** "1.2.3", from the name of the jar that a class was loaded from. */
  static String of(Class<?> type) {
    return String.valueOf(type.getProtectionDomain().getCodeSource())
        .replaceAll(".*-([0-9.]+)\\.jar.*", "$1");
  }
}
