/** Kernels, the types of their operands, and the threads they run on. */
@NullMarked
package dev.lanewise.kernels;

import org.jspecify.annotations.NullMarked;
