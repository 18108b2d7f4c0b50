/** Runtimes side by side, each in a process of its own. */
@NullMarked
package dev.lanewise.bench.contest;

import org.jspecify.annotations.NullMarked;
