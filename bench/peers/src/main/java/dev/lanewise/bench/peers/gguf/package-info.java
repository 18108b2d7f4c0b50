/** Writes a GPT-2 as a GGUF file. */
@NullMarked
package dev.lanewise.bench.peers.gguf;

import org.jspecify.annotations.NullMarked;
