/** Results as tables, JSON and pictures. */
@NullMarked
package dev.lanewise.bench.report;

import org.jspecify.annotations.NullMarked;
