/** One benchmark for each kernel, in the shapes of GPT. */
@NullMarked
package dev.lanewise.bench.kernel;

import org.jspecify.annotations.NullMarked;
