package dev.lanewise.bench.peers;

import java.io.IOException;

/** Values that are loaded when they are written. */
@FunctionalInterface
public interface FloatSource {

  /** The values. */
  float[] load() throws IOException;
}
