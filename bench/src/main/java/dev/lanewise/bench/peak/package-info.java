/** Measures what the machine can do at most. */
@NullMarked
package dev.lanewise.bench.peak;

import org.jspecify.annotations.NullMarked;
