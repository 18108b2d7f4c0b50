package dev.lanewise;

import dev.lanewise.internal.model.GenerationLoop;
import dev.lanewise.internal.model.KeptText;
import dev.lanewise.internal.model.LoadedModel;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A text under way: what the model has read stays read (its keys and values are kept), so that a
 * prefix is computed once for any number of continuations.
 *
 * <pre>{@code
 * try (Session session = generator.newSession()) {
 *   session.append("A long common beginning. ");
 *   try (Session one = session.fork()) {
 *     one.append("Question: ...");
 *     one.generate(GenerationOptions.greedy(), piece -> true);
 *   }
 * }
 * }</pre>
 *
 * <p>Answers are the same, bit for bit, as for the whole text at once. Keys and values take 2 x
 * layers x nEmbd x 4 bytes a token (GPT-2 small: 72 KiB). One call at a time: others wait.
 * Different sessions, forks included, share nothing but the weights. Calls after {@link #close}, or
 * after the generator's, throw {@link IllegalStateException}; a session that is forgotten is freed.
 */
public final class Session implements AutoCloseable {

  /** Kept, so that a generator that its owner has forgotten is not closed under this. */
  private final TextGenerator generator;

  private final LoadedModel model;
  private final KeptText text;
  private final Cleaner.Cleanable memory;
  private boolean closed;
  private boolean generating;

  Session(TextGenerator generator, KeptText text) {
    this.generator = generator;
    this.model = generator.model();
    this.text = text;
    this.memory = text.freeWhenUnreachable(this);
  }

  /**
   * Adds a text. It is tokenized alone: words that should be one token must not be torn apart.
   *
   * @throws IllegalArgumentException if it has an unpaired surrogate, or everything together is
   *     longer than the context ({@link ContextLengthException})
   * @throws IllegalStateException if this is closed, or the model has no tokenizer
   */
  public synchronized void append(CharSequence more) {
    requireOpen();
    text.append(model.tokenizer().encode(more, Tokenizer.Specials.TEXT, false));
  }

  /**
   * Adds ids.
   *
   * @throws IllegalArgumentException if one is out of range, or there are too many ({@link
   *     ContextLengthException})
   * @throws IllegalStateException if this is closed
   */
  public synchronized void append(int[] ids) {
    requireOpen();
    text.append(ids);
  }

  /** Continues the text; the new tokens are part of it from then on. */
  public Generation generate(GenerationOptions options) {
    return generate(options, piece -> true);
  }

  /**
   * Continues the text and tells the listener each piece as it comes; the new tokens are part of
   * the text from then on. If the listener fails, the text is as it was before.
   *
   * @param listener must not use this session
   * @throws IllegalStateException if this is closed, nothing was added yet, the context is full, or
   *     a logit is NaN
   */
  public synchronized Generation generate(GenerationOptions options, TextListener listener) {
    requireText();
    generating = true;
    try {
      return GenerationLoop.run(model, text, options, listener);
    } finally {
      generating = false;
    }
  }

  /**
   * Logits of the token that follows, one for each id: before any softmax.
   *
   * @throws IllegalStateException as {@link #generate(GenerationOptions, TextListener)}
   */
  public synchronized float[] nextLogits() {
    requireText();
    return text.nextLogits();
  }

  /** Another session with the same text, which goes its own way. */
  public synchronized Session fork() {
    requireOpen();
    return new Session(generator, text.copy());
  }

  /**
   * Takes back all tokens from {@code length} on.
   *
   * @throws IllegalArgumentException if there are not so many
   * @throws IllegalStateException if this is closed
   */
  public synchronized void rewind(int length) {
    requireOpen();
    text.rewind(length);
  }

  /**
   * Writes the text with its keys and values, to be read by {@link TextGenerator#openSession}; the
   * file appears at once or not at all.
   *
   * @throws IllegalStateException if this is closed
   */
  public synchronized void save(Path file) throws IOException {
    requireOpen();
    text.save(file);
  }

  /** Number of tokens. */
  public synchronized int length() {
    return text.length();
  }

  /** Ids of the tokens. */
  public synchronized List<Integer> tokens() {
    return Arrays.stream(text.ids()).boxed().toList();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
    if (generating) {
      throw new IllegalStateException("the session is generating; its listener cannot use it");
    }
  }

  private void requireText() {
    requireOpen();
    if (text.length() == 0) {
      throw new IllegalStateException("the session has no text yet; append something");
    }
    if (text.length() > model.config().nPositions()) {
      throw new IllegalStateException(
          "the context of %d tokens is full; rewind the session"
              .formatted(model.config().nPositions()));
    }
  }

  /**
   * Frees keys and values. Idempotent.
   *
   * @throws IllegalStateException if called by the listener of a generation
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      requireOpen();
      closed = true;
      memory.clean();
    }
  }
}
