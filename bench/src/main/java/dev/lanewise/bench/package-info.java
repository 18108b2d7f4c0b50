/** Benchmarks of kernels and models. */
@NullMarked
package dev.lanewise.bench;

import org.jspecify.annotations.NullMarked;
