/** Classify, generate and score texts with GPT-1 and GPT-2 checkpoints. */
@NullMarked
package dev.lanewise;

import org.jspecify.annotations.NullMarked;
