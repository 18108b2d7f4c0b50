/** Opens checkpoints. Everything in a file is hostile until it has been checked. */
@NullMarked
package dev.lanewise.loader;

import org.jspecify.annotations.NullMarked;
