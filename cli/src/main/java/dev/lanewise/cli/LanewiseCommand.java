package dev.lanewise.cli;

import picocli.CommandLine.Option;

/** {@code lanewise} without a command. */
@picocli.CommandLine.Command(
    name = "lanewise",
    description = "Classifies, continues and scores texts with GPT-1 and GPT-2 checkpoints.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Results go to stdout, everything else to stderr. Exit code: 0 ok, 1 failure, 2 wrong usage.",
      "",
      "Example:",
      "  lanewise classify \"please move fifty dollars into my savings account\""
    })
final class LanewiseCommand {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;
}
