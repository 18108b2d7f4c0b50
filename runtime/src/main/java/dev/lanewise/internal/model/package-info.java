/** The forward pass and what runs it. */
@NullMarked
package dev.lanewise.internal.model;

import org.jspecify.annotations.NullMarked;
