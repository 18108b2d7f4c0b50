/** The other runtimes, each behind the same few methods. */
@NullMarked
package dev.lanewise.bench.peers.rival;

import org.jspecify.annotations.NullMarked;
