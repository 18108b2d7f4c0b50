package dev.lanewise.internal.model;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.Pooling;
import java.lang.foreign.MemorySegment;

/**
 * What a head reads of one text, or the sum of it over several. States are added in the order of
 * the tokens, one after the other, so the result has the same bits for every number of threads and
 * passes. Not thread-safe.
 */
final class PooledState implements AutoCloseable {

  private final int width;
  private final long rowBytes;
  private final OwnedBuffer buffer;

  /** The sum over the texts, and the text at hand: each {@code (2, nEmbd)}. */
  private final MemorySegment sum;

  private final MemorySegment text;

  /** Of one token. */
  private final MemorySegment state;

  private Pooling pooling = Pooling.LAST;
  private int tokens;

  PooledState(int nEmbd) {
    width = nEmbd;
    rowBytes = (long) nEmbd * Float.BYTES;
    buffer = new OwnedBuffer(5 * rowBytes);
    sum = buffer.segment.asSlice(0, 2 * rowBytes);
    text = buffer.segment.asSlice(2 * rowBytes, 2 * rowBytes);
    state = buffer.segment.asSlice(4 * rowBytes, rowBytes);
  }

  /** Begins with nothing. */
  void reset(Pooling pooling) {
    this.pooling = pooling;
    sum.fill((byte) 0);
    text.fill((byte) 0);
    tokens = 0;
  }

  /** Which rows of the last block are needed. */
  static Need need(Pooling pooling) {
    return pooling == Pooling.LAST ? Need.LAST : Need.ALL;
  }

  /**
   * Takes rows [from, to) of a pass.
   *
   * @param residual after the last block
   * @param last whether they end the text
   */
  void add(
      Kernels kernels, OutputHead output, MemorySegment residual, int from, int to, boolean last) {
    long mean = pooling == Pooling.LAST_AND_MEAN ? rowBytes : 0;
    for (int row = pooling == Pooling.LAST ? to - 1 : from; row < to; row++) {
      output.states(kernels, residual, row * rowBytes, 1, state, 0);
      if (pooling != Pooling.LAST) {
        kernels.add(text, mean, state, 0, text, mean, width);
      }
    }
    tokens += to - from;
    if (!last) {
      return;
    }
    if (pooling != Pooling.LAST) {
      for (long at = mean; at < mean + rowBytes; at += Float.BYTES) {
        text.set(OutputHead.FLOAT, at, text.get(OutputHead.FLOAT, at) / tokens);
      }
    }
    if (pooling != Pooling.MEAN) {
      MemorySegment.copy(state, 0, text, 0, rowBytes);
    }
    kernels.add(sum, 0, text, 0, sum, 0, pooling.width(width));
    text.fill((byte) 0);
    tokens = 0;
  }

  /** The sum over the texts, as wide as the pooling makes it. */
  MemorySegment sum() {
    return sum;
  }

  /** A copy of the sum over the texts. */
  float[] toArray() {
    float[] values = new float[pooling.width(width)];
    MemorySegment.copy(sum, OutputHead.FLOAT, 0, values, 0, values.length);
    return values;
  }

  @Override
  public void close() {
    buffer.close();
  }
}
