package dev.lanewise.internal.model;

import dev.lanewise.loader.ModelConfig;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The ids of a text under way, and the logits of the token that follows. A pass takes the tokens
 * that were not seen yet and a few guessed ones ("Fast Inference from Transformers via Speculative
 * Decoding", Leviathan et al. 2023): where the next tokens turn out to be those, their logits are
 * there already. A row's logits do not depend on the rows beside it, so that guesses change the
 * time and never a bit. Not thread-safe.
 */
final class LogitFeed {

  private final Forward forward;
  private final int context;
  private final int capacity;
  private final long rowBytes;
  private final Drafter drafter;
  private final int[] draft;

  private int[] ids;
  private int length;

  /** Guesses of the last pass, and the row whose logits are those after the last id. */
  private int drafted;

  private int row;
  private @Nullable MemorySegment logits;

  /**
   * Of a text of which the forward has seen the first {@link Forward#position} tokens.
   *
   * @param ids at least one; copied
   * @param capacity tokens that the forward has room for: nothing is guessed past it
   * @param guesses at most as many in a pass
   */
  LogitFeed(
      Forward forward, ModelConfig config, int[] ids, int capacity, Drafter drafter, int guesses) {
    this.forward = forward;
    this.context = config.nPositions();
    this.capacity = capacity;
    this.rowBytes = (long) config.vocabSize() * Float.BYTES;
    this.ids = Arrays.copyOf(ids, ids.length + 64);
    this.length = ids.length;
    this.drafter = drafter;
    this.draft = new int[guesses];
  }

  /** The ids, which go up to {@link #length}; more may stand behind them. Not to be changed. */
  int[] ids() {
    return ids;
  }

  /** Ids so far. */
  int length() {
    return length;
  }

  /** Whether there is no position left for the last id. */
  boolean isFull() {
    return length > context;
  }

  /**
   * Logits {@code (vocab)} of the token after the last, valid until the next {@link #add}.
   *
   * @throws IllegalStateException if the feed is full
   */
  MemorySegment next() {
    if (isFull()) {
      throw new IllegalStateException("no position is left");
    }
    MemorySegment current = logits;
    if (current == null) {
      current = run();
      logits = current;
      row = 0;
    }
    return current.asSlice(row * rowBytes, rowBytes);
  }

  private MemorySegment run() {
    int seen = Math.min(forward.position(), length - 1); // the last row's logits are wanted
    forward.rewind(seen);
    int room = Math.min(draft.length, capacity - length);
    drafted = room == 0 ? 0 : Math.min(room, drafter.draft(ids, length, draft));
    if (drafted == 0) {
      forward.runAll(ids, seen, length, Need.LAST, null);
      return forward.lastLogits();
    }
    // All but the last id, of which no logits are wanted, then the row that is and the guesses.
    if (seen < length - 1) {
      forward.runAll(ids, seen, length - 1, Need.NONE, null);
    }
    reserve(length + drafted);
    System.arraycopy(draft, 0, ids, length, drafted);
    forward.run(ids, length - 1, length + drafted, Need.ALL, null);
    return forward.logits(0, drafted + 1);
  }

  /** The next token. */
  void add(int id) {
    reserve(length + 1);
    if (logits != null && row < drafted && id == draft[row]) {
      row++;
    } else {
      logits = null;
      forward.rewind(Math.min(forward.position(), length));
    }
    ids[length++] = id;
  }

  private void reserve(int size) {
    if (size > ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
    }
  }
}
