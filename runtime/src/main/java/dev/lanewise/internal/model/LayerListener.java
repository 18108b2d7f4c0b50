package dev.lanewise.internal.model;

import java.lang.foreign.MemorySegment;

/** Hears the residual stream after the embedding (layer 0) and after each block. */
@FunctionalInterface
interface LayerListener {

  /**
   * Called on the calling thread.
   *
   * @param layer 0 for the embedding, else the number of blocks done
   * @param residual {@code (rows, nEmbd)} of the pass under way, valid during the call
   */
  void onLayer(int layer, MemorySegment residual, int rows);
}
