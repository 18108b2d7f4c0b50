package dev.lanewise.internal.model;

import dev.lanewise.ContextLengthException;
import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import dev.lanewise.Truncation;
import dev.lanewise.loader.ModelConfig;
import java.util.Arrays;

/** Text to ids that fit the context: the template's tokens stay whole, the text is cut. */
public final class TextEncoder {

  private final Tokenizer tokenizer;
  private final int limit;
  private final int rows;
  private final int[] start;
  private final int[] end;

  /**
   * Learns the template's tokens from an example.
   *
   * @param config says how many tokens the model takes, and which
   */
  TextEncoder(Tokenizer tokenizer, ModelConfig config) {
    this.tokenizer = tokenizer;
    this.limit = config.nPositions();
    this.rows = config.vocabSize();
    int[] with = tokenizer.encode("a", Specials.TEXT, true);
    int[] without = tokenizer.encode("a", Specials.TEXT, false);
    int at = 0;
    while (at + without.length < with.length
        && !Arrays.equals(with, at, at + without.length, without, 0, without.length)) {
      at++;
    }
    this.start = Arrays.copyOf(with, at);
    this.end = Arrays.copyOfRange(with, at + without.length, with.length);
  }

  /**
   * Encodes a text.
   *
   * @throws IllegalArgumentException if it has no tokens, an unpaired surrogate, or is too long
   */
  public TextInput encode(CharSequence text, Truncation truncation) {
    int[] body = tokenizer.encode(text, Specials.TEXT, false);
    if (body.length == 0) {
      throw new IllegalArgumentException(
          text.isEmpty() ? "the text is empty" : "the text has no tokens, only white space");
    }
    int room = limit - start.length - end.length;
    if (body.length <= room) {
      return new TextInput(concat(start, body, 0, body.length, end), false);
    }
    if (truncation == Truncation.ERROR || room < 1) {
      throw new ContextLengthException(start.length + body.length + end.length, limit);
    }
    int from = truncation == Truncation.KEEP_END ? body.length - room : 0;
    return new TextInput(concat(start, body, from, from + room, end), true);
  }

  /** Encodes a text that more text follows: without the template's last tokens; may be empty. */
  public int[] encodeWithoutEnd(CharSequence text) {
    int[] body = tokenizer.encode(text, Specials.TEXT, false);
    return concat(start, body, 0, body.length, new int[0]);
  }

  private int[] concat(int[] start, int[] body, int from, int to, int[] end) {
    requireRows(start);
    requireRows(end);
    int[] ids = Arrays.copyOf(start, start.length + (to - from) + end.length);
    System.arraycopy(body, from, ids, start.length, to - from);
    System.arraycopy(end, 0, ids, start.length + (to - from), end.length);
    return ids;
  }

  private void requireRows(int[] ids) {
    for (int id : ids) {
      if (id >= rows) {
        throw new IllegalArgumentException(
            "the tokenizer adds '%s', id %d, to every text, but the model's embedding has %d rows"
                .formatted(tokenizer.token(id), id, rows));
      }
    }
  }
}
