package dev.lanewise.internal.model;

import dev.lanewise.ContextLengthException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The ids of a text under way with their keys and values. The last ids may not have been seen by
 * the model yet. Not thread-safe.
 */
public final class KeptText implements AutoCloseable {

  private final LoadedModel model;
  private final Sequence sequence;
  private int[] ids;

  /** Of no tokens. */
  public KeptText(LoadedModel model) {
    this(model, new Sequence(model.config()), new int[0]);
  }

  KeptText(LoadedModel model, Sequence sequence, int[] ids) {
    this.model = model;
    this.sequence = sequence;
    this.ids = ids;
  }

  /** A copy of the ids. */
  public int[] ids() {
    return ids.clone();
  }

  /** How many ids there are. */
  public int length() {
    return ids.length;
  }

  /**
   * Adds ids; the model sees them when something is asked.
   *
   * @throws IllegalArgumentException if one is out of range
   * @throws ContextLengthException if the text becomes longer than the context
   */
  public void append(int[] more) {
    if (more.length == 0) {
      return;
    }
    model.ids(more);
    int length = ids.length + more.length;
    if (length > model.config().nPositions()) {
      throw new ContextLengthException(length, model.config().nPositions());
    }
    add(more);
  }

  /** Adds ids that were generated; the last one may stand behind the last position. */
  void add(int[] more) {
    int[] all = Arrays.copyOf(ids, ids.length + more.length);
    System.arraycopy(more, 0, all, ids.length, more.length);
    ids = all;
  }

  /**
   * Forgets all ids from {@code length} on.
   *
   * @throws IllegalArgumentException if there are not so many
   */
  public void rewind(int length) {
    if (length < 0 || length > ids.length) {
      throw new IllegalArgumentException(
          "length must be 0 to %d, found %d".formatted(ids.length, length));
    }
    ids = Arrays.copyOf(ids, length);
    sequence.rewind(Math.min(length, sequence.position()));
  }

  /** Another one with the same ids, keys and values. */
  public KeptText copy() {
    return new KeptText(model, sequence.copy(), ids.clone());
  }

  /** Writes ids, keys and values; see {@link SessionFile}. */
  public void save(Path file) throws IOException {
    SessionFile.write(model, ids, sequence, file);
  }

  /** Reads what {@link #save} wrote. */
  public static KeptText open(LoadedModel model, Path file) throws IOException {
    return SessionFile.read(model, file);
  }

  /** Logits of the token after the last. */
  public float[] nextLogits() {
    float[] logits = new float[model.config().vocabSize()];
    use(
        ids.length,
        forward ->
            MemorySegment.copy(
                feed(forward).next(), OutputHead.FLOAT, 0, logits, 0, logits.length));
    return logits;
  }

  private LogitFeed feed(Forward forward) {
    return new LogitFeed(forward, model.config(), ids, ids.length, Drafter.NONE, 0);
  }

  /**
   * Runs a call on these keys and values. What it leaves behind the ids that are there then,
   * guesses or the tokens of a call that failed, is forgotten.
   *
   * @param capacity tokens that the text may grow to
   */
  void use(int capacity, Consumer<Forward> call) {
    model.call(
        forward -> {
          sequence.reserve(capacity);
          forward.resume(sequence);
          try {
            call.accept(forward);
          } finally {
            sequence.rewind(Math.min(sequence.position(), ids.length));
          }
        });
  }

  /** Frees keys and values when {@code owner} was forgotten; to be run when it is closed. */
  public Cleaner.Cleanable freeWhenUnreachable(Object owner) {
    return LoadedModel.CLEANER.register(owner, sequence::close);
  }

  @Override
  public void close() {
    sequence.close();
  }
}
