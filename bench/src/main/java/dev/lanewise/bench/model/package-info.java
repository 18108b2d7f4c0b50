/** Benchmarks of whole calls through the public API. */
@NullMarked
package dev.lanewise.bench.model;

import org.jspecify.annotations.NullMarked;
