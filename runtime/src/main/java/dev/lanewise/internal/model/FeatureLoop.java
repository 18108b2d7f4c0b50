package dev.lanewise.internal.model;

import dev.lanewise.loader.Pooling;
import java.lang.foreign.MemorySegment;

/** Hidden states of a text. */
public final class FeatureLoop {

  private FeatureLoop() {}

  /**
   * States of every token {@code (tokens, nEmbd)} in one array.
   *
   * @param ids that were checked
   * @param layer 0 for the embedding, else the number of blocks done; after the last one the final
   *     norm, where the model has one, is applied
   */
  public static float[] states(LoadedModel model, int[] ids, int layer, boolean alone) {
    int width = model.config().nEmbd();
    boolean last = layer == model.config().nLayer();
    float[] states = new float[Math.multiplyExact(ids.length, width)];
    model.call(
        alone,
        forward -> {
          forward.begin(ids.length, false);
          for (int from = 0; from < ids.length; from += Forward.MAX_ROWS) {
            int to = Math.min(ids.length, from + Forward.MAX_ROWS);
            int at = from * width;
            int count = (to - from) * width;
            forward.run(
                ids,
                from,
                to,
                Need.ALL,
                (done, residual, rows) -> {
                  if (done == layer && !last) {
                    copy(residual, states, at, count);
                  }
                });
            if (last) {
              try (OwnedBuffer buffer = new OwnedBuffer((long) count * Float.BYTES)) {
                forward.states(0, to - from, buffer.segment);
                copy(buffer.segment, states, at, count);
              }
            }
          }
        });
    return states;
  }

  private static void copy(MemorySegment source, float[] target, int at, int count) {
    MemorySegment.copy(source, OutputHead.FLOAT, 0, target, at, count);
  }

  /**
   * The pooled states of a text: what a head reads, if the layer is the last.
   *
   * @param ids that were checked
   * @param layer as of {@link #states}
   */
  public static float[] pooled(
      LoadedModel model, int[] ids, int layer, Pooling pooling, boolean alone) {
    if (layer == model.config().nLayer()) {
      float[][] result = new float[1][];
      model.call(
          alone,
          forward -> {
            forward.beginPooling(pooling);
            forward.pool(ids, ids.length, pooling);
            result[0] = forward.pooledState();
          });
      return result[0];
    }
    int width = model.config().nEmbd();
    float[] states = states(model, ids, layer, alone);
    float[] pooled = new float[pooling.width(width)];
    int mean = pooling == Pooling.LAST_AND_MEAN ? width : 0;
    if (pooling != Pooling.LAST) {
      for (int i = 0; i < states.length; i++) {
        pooled[mean + i % width] += states[i];
      }
      for (int i = 0; i < width; i++) {
        pooled[mean + i] /= ids.length;
      }
    }
    if (pooling != Pooling.MEAN) {
      System.arraycopy(states, states.length - width, pooled, 0, width);
    }
    return pooled;
  }
}
