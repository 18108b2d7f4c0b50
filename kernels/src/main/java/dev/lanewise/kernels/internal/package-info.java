/** What both backends share. */
@NullMarked
package dev.lanewise.kernels.internal;

import org.jspecify.annotations.NullMarked;
