/** Compares Lanewise with the runtimes that a user would take instead. */
@NullMarked
package dev.lanewise.bench.peers;

import org.jspecify.annotations.NullMarked;
