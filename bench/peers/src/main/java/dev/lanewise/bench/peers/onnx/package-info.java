/** Writes a GPT as an ONNX file. */
@NullMarked
package dev.lanewise.bench.peers.onnx;

import org.jspecify.annotations.NullMarked;
