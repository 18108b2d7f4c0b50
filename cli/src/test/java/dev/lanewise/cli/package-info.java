/** Tests of the command: in this JVM by {@link dev.lanewise.cli.Cli}, in processes by the *IT. */
@NullMarked
package dev.lanewise.cli;

import org.jspecify.annotations.NullMarked;
