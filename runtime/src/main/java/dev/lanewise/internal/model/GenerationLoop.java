package dev.lanewise.internal.model;

import dev.lanewise.FinishReason;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.TextListener;
import dev.lanewise.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One generation: reads the prompt, then draws, tells and feeds back token by token. */
public final class GenerationLoop {

  private final LoadedModel model;
  private final int[] prompt;
  private final GenerationOptions options;
  private final TextListener listener;
  private final Tokenizer.@Nullable StreamDecoder decoder;
  private final StringBuilder text = new StringBuilder();
  private final List<Integer> tokens = new ArrayList<>();
  private boolean cancelled;

  private GenerationLoop(
      LoadedModel model, int[] prompt, GenerationOptions options, TextListener listener) {
    this.model = model;
    this.prompt = prompt;
    this.options = options;
    this.listener = listener;
    Tokenizer tokenizer = model.tokenizerOrNull();
    this.decoder = tokenizer == null ? null : tokenizer.streamDecoder(true);
  }

  /** Continues {@code prompt}, ids that were checked. */
  public static Generation run(
      LoadedModel model, int[] prompt, GenerationOptions options, TextListener listener) {
    GenerationLoop loop = new GenerationLoop(model, prompt, options, listener);
    Generation[] result = new Generation[1];
    model.call(
        forward -> {
          forward.begin(loop.capacity(), true);
          result[0] = loop.generate(loop.feed(forward));
        });
    return result[0];
  }

  /** Continues a text that is kept, and leaves the new tokens in it. */
  public static Generation run(
      LoadedModel model, KeptText text, GenerationOptions options, TextListener listener) {
    GenerationLoop loop = new GenerationLoop(model, text.ids(), options, listener);
    Generation[] result = new Generation[1];
    text.use(
        loop.capacity(),
        forward -> {
          LogitFeed feed = loop.feed(forward);
          try {
            result[0] = loop.generate(feed);
          } finally {
            feed.end();
          }
        });
    text.add(loop.tokens.stream().mapToInt(id -> id).toArray());
    return result[0];
  }

  /** Tokens that the text may grow to. */
  private int capacity() {
    return (int) Math.min((long) prompt.length + options.maxTokens(), model.config().nPositions());
  }

  private LogitFeed feed(Forward forward) {
    return new LogitFeed(
        forward,
        model.config().nPositions(),
        model.config().vocabSize(),
        prompt,
        options.lookup() == 0 ? Drafter.NONE : new NgramDrafter(),
        options.lookup());
  }

  private Generation generate(LogitFeed feed) {
    OptionalLong seed =
        options.isGreedy()
            ? OptionalLong.empty()
            : OptionalLong.of(
                options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong()));
    Sampler sampler = new Sampler(options, seed.orElse(0), model.config().vocabSize());
    long start = System.nanoTime();
    feed.next();
    long read = System.nanoTime();
    FinishReason reason = null;
    while (reason == null) {
      if (tokens.size() == options.maxTokens()) {
        reason = FinishReason.LENGTH;
      } else if (feed.isFull()) {
        reason = FinishReason.CONTEXT;
      } else if (cancelled || Thread.currentThread().isInterrupted()) {
        reason = FinishReason.CANCELLED;
      } else {
        reason = step(feed, sampler);
      }
    }
    tell(decoder == null ? "" : decoder.finish());
    return new Generation(
        text.toString(),
        Arrays.stream(prompt).boxed().toList(),
        tokens,
        reason,
        seed,
        read - start,
        System.nanoTime() - read);
  }

  private @Nullable FinishReason step(LogitFeed feed, Sampler sampler) {
    int id = sampler.next(feed.next());
    if (model.config().eosTokenId().stream().anyMatch(eos -> eos == id)) {
      return FinishReason.EOS;
    }
    tokens.add(id);
    feed.add(id);
    if (decoder != null) {
      tell(decoder.next(id));
    }
    return null;
  }

  private void tell(String piece) {
    if (!piece.isEmpty()) {
      text.append(piece);
      if (!cancelled) {
        cancelled = !listener.onText(piece);
      }
    }
  }
}
