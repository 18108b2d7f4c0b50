/** Linear heads on frozen features. */
@NullMarked
package dev.lanewise.internal.fit;

import org.jspecify.annotations.NullMarked;
