package dev.lanewise.internal.model;

import dev.lanewise.kernels.KvCache;
import dev.lanewise.loader.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of the tokens that a text has so far. What lies beyond {@link #position} is
 * never read, so that going back is setting a number. Not thread-safe: one running call owns it.
 */
final class Sequence implements AutoCloseable {

  private final ModelConfig config;
  private @Nullable OwnedCache cache;
  private int position;

  /** Of no tokens, and with room for none. */
  Sequence(ModelConfig config) {
    this.config = config;
  }

  /**
   * Begins a new text; what was here is lost.
   *
   * @param capacity tokens that the text may grow to
   * @param layers 1 if each layer's keys and values are forgotten after it, else all
   */
  void begin(int layers, int capacity) {
    position = 0;
    OwnedCache current = cache;
    if (current == null || !current.fits(layers, capacity)) {
      int kept = current == null ? 0 : current.keysAndValues.capacity();
      close();
      cache = new OwnedCache(config, layers, Math.max(capacity, kept));
    }
  }

  /** Makes room for at least {@code capacity} tokens, half as many more than now where it grows. */
  void reserve(int capacity) {
    OwnedCache current = cache;
    if (current == null) {
      cache = new OwnedCache(config, config.nLayer(), capacity);
    } else if (!current.fits(config.nLayer(), capacity)) {
      int more = current.keysAndValues.capacity() / 2 * 3;
      cache =
          current.copy(config, Math.max(capacity, Math.min(more, config.nPositions())), position);
      current.close();
    }
  }

  /** Keys and values of each layer. */
  KvCache keysAndValues() {
    OwnedCache current = cache;
    if (current == null) {
      throw new IllegalStateException("the sequence has no room");
    }
    return current.keysAndValues;
  }

  /** Tokens seen so far. */
  int position() {
    return position;
  }

  /** More tokens were seen. */
  void advance(int tokens) {
    position += tokens;
  }

  /** Forgets all tokens from {@code position} on, which must not be behind those seen. */
  void rewind(int position) {
    if (position < 0 || position > this.position) {
      throw new IllegalArgumentException(
          "position must be 0 to %d, found %d".formatted(this.position, position));
    }
    this.position = position;
  }

  /** One with the same tokens and memory of its own. */
  Sequence copy() {
    Sequence copy = new Sequence(config);
    OwnedCache current = cache;
    if (current != null) {
      copy.cache = current.copy(config, Math.max(1, position), position);
      copy.position = position;
    }
    return copy;
  }

  /** Frees the memory; {@link #begin} or {@link #reserve} would allocate anew. Idempotent. */
  @Override
  public void close() {
    OwnedCache current = cache;
    if (current != null) {
      cache = null;
      position = 0;
      current.close();
    }
  }
}
