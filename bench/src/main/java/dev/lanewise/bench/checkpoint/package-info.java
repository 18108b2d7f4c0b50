/** Model folders with seeded random weights in the shapes of real models. */
@NullMarked
package dev.lanewise.bench.checkpoint;

import org.jspecify.annotations.NullMarked;
