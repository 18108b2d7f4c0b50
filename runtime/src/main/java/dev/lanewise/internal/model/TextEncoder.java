package dev.lanewise.internal.model;

import dev.lanewise.ClassifierOptions;
import dev.lanewise.ContextLengthException;
import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import dev.lanewise.Truncation;
import dev.lanewise.loader.ClassifierConfig;
import dev.lanewise.loader.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts to ids that fit the context: the template's tokens stay whole, the texts are cut. */
public final class TextEncoder {

  private final Tokenizer tokenizer;
  private final ModelConfig config;
  private final InputTemplate template;
  private final int windowStride;

  /**
   * With the tokenizer's template.
   *
   * @param config says how many tokens the model takes, and which
   */
  TextEncoder(Tokenizer tokenizer, ModelConfig config) {
    this(tokenizer, config, InputTemplate.of(tokenizer), 0);
  }

  private TextEncoder(
      Tokenizer tokenizer, ModelConfig config, InputTemplate template, int windowStride) {
    this.tokenizer = tokenizer;
    this.config = config;
    this.template = template;
    this.windowStride = windowStride;
  }

  /**
   * This encoder with the tokens and windows that a classifier wants.
   *
   * @throws IllegalArgumentException if a token is none of the vocabulary
   */
  public TextEncoder with(ClassifierOptions options, ClassifierConfig said) {
    return new TextEncoder(
        tokenizer, config, template.with(tokenizer, options, said), options.windowStride());
  }

  /**
   * Encodes a text that has to be one input.
   *
   * @throws IllegalArgumentException if it has no tokens, an unpaired surrogate, or is too long
   */
  public TextInput encode(CharSequence text, Truncation truncation) {
    return encodeAll(text, truncation).getFirst();
  }

  /**
   * Encodes a text: one input, or several windows.
   *
   * @throws IllegalArgumentException as {@link #encode}
   */
  public List<TextInput> encodeAll(CharSequence text, Truncation truncation) {
    int[] body = body(text, "text");
    int room = config.nPositions() - template.start().length - template.end().length;
    return fit(body, room, truncation, template.start(), template.end());
  }

  /**
   * Encodes two texts: one input, or several windows over the first.
   *
   * @throws IllegalArgumentException as {@link #encode}, or if no token is known to part them
   */
  public List<TextInput> encodePair(
      CharSequence first, CharSequence second, Truncation truncation) {
    requireDelimiter();
    int[] a = body(first, "first text");
    int[] b = body(second, "second text");
    int room = pairRoom();
    if (a.length + b.length <= room) {
      return List.of(pair(a, b, false));
    }
    if (truncation == Truncation.ERROR || room < 2) {
      throw tooLong(a.length + b.length, room);
    }
    if (truncation == Truncation.WINDOWS) {
      int[] end = concat(template.delimiter(), b, template.end());
      return fit(a, room - b.length, truncation, template.start(), end);
    }
    int half = room / 2;
    int keepB = Math.min(b.length, Math.max(half, room - a.length));
    return List.of(pair(cut(a, room - keepB, truncation), cut(b, keepB, truncation), true));
  }

  /**
   * Encodes an answer in its context, of which as much is cut off as the answer needs.
   *
   * @throws IllegalArgumentException as {@link #encodePair}, or if the answer alone is too long
   */
  public TextInput encodeAnswer(CharSequence context, CharSequence answer, Truncation truncation) {
    requireDelimiter();
    int[] a = body(context, "context");
    int[] b = body(answer, "answer");
    int room = pairRoom();
    if (a.length + b.length <= room) {
      return pair(a, b, false);
    }
    if (truncation == Truncation.ERROR || truncation == Truncation.WINDOWS || b.length >= room) {
      throw tooLong(a.length + b.length, room);
    }
    return pair(cut(a, room - b.length, truncation), b, true);
  }

  /**
   * Encodes a text of any length.
   *
   * @throws IllegalArgumentException if it has no tokens or an unpaired surrogate
   */
  public int[] whole(CharSequence text) {
    return concat(template.start(), body(text, "text"), template.end());
  }

  /** Encodes a text that more text follows: without the template's last tokens; may be empty. */
  public int[] encodeWithoutEnd(CharSequence text) {
    return concat(template.start(), tokenizer.encode(text, Specials.TEXT, false), new int[0]);
  }

  private int[] body(CharSequence text, String what) {
    int[] body = tokenizer.encode(text, Specials.TEXT, false);
    if (body.length == 0) {
      throw new IllegalArgumentException(
          text.isEmpty()
              ? "the " + what + " is empty"
              : "the " + what + " has no tokens, only white space");
    }
    return body;
  }

  private void requireDelimiter() {
    if (template.delimiter().length == 0) {
      throw new IllegalArgumentException(
          "two texts need a token between them: neither the tokenizer nor config.json says which;"
              + " name a delimiter token");
    }
  }

  private int pairRoom() {
    return config.nPositions()
        - template.start().length
        - template.delimiter().length
        - template.end().length;
  }

  private ContextLengthException tooLong(int body, int room) {
    return new ContextLengthException(config.nPositions() - room + body, config.nPositions());
  }

  private List<TextInput> fit(int[] body, int room, Truncation truncation, int[] start, int[] end) {
    if (body.length <= room) {
      return List.of(new TextInput(concat(start, body, end), false));
    }
    if (truncation == Truncation.ERROR || room < 1) {
      throw tooLong(body.length, room);
    }
    if (truncation != Truncation.WINDOWS) {
      return List.of(new TextInput(concat(start, cut(body, room, truncation), end), true));
    }
    int stride = Math.min(room, windowStride > 0 ? windowStride : Math.max(1, room * 3 / 4));
    List<TextInput> windows = new ArrayList<>();
    for (int from = 0; ; from += stride) {
      // The last window is as long as the others.
      int at = Math.min(from, body.length - room);
      windows.add(
          new TextInput(concat(start, Arrays.copyOfRange(body, at, at + room), end), false));
      if (at + room == body.length) {
        return windows;
      }
    }
  }

  private static int[] cut(int[] body, int keep, Truncation truncation) {
    int from = truncation == Truncation.KEEP_END ? body.length - Math.min(keep, body.length) : 0;
    return Arrays.copyOfRange(body, from, Math.min(body.length, from + keep));
  }

  private TextInput pair(int[] a, int[] b, boolean truncated) {
    int[] first = concat(template.start(), a, template.delimiter());
    return new TextInput(concat(first, b, template.end()), truncated);
  }

  private int[] concat(int[] start, int[] body, int[] end) {
    requireRows(start);
    requireRows(end);
    int[] ids = Arrays.copyOf(start, start.length + body.length + end.length);
    System.arraycopy(body, 0, ids, start.length, body.length);
    System.arraycopy(end, 0, ids, start.length + body.length, end.length);
    return ids;
  }

  private void requireRows(int[] ids) {
    for (int id : ids) {
      if (id >= config.vocabSize()) {
        throw new IllegalArgumentException(
            "the tokenizer adds '%s', id %d, to every text, but the model's embedding has %d rows"
                .formatted(tokenizer.token(id), id, config.vocabSize()));
      }
    }
  }
}
