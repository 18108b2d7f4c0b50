/** From logits to the next token. */
@NullMarked
package dev.lanewise.internal.sample;

import org.jspecify.annotations.NullMarked;
