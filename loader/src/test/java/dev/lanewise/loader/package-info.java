/** Tests of the loader. */
@NullMarked
package dev.lanewise.loader;

import org.jspecify.annotations.NullMarked;
