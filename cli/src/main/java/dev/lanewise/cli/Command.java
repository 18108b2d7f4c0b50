package dev.lanewise.cli;

import java.io.IOException;

/** What a sub-command does once its options have been parsed. */
interface Command {

  /** Options that every command has. */
  CommonOptions common();

  /**
   * Fails on options that do not go together. Called before anything is read or loaded.
   *
   * @throws UsageException if so
   */
  default void check() {}

  /** Whether it computes with kernels, and so wants a JVM that has the Vector API. */
  default boolean computes() {
    return true;
  }

  /** Does it; results go to the console's stdout. */
  void run(Console console) throws IOException;
}
