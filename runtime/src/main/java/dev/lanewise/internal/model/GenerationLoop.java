package dev.lanewise.internal.model;

import dev.lanewise.FinishReason;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.TextListener;
import dev.lanewise.Tokenizer;
import dev.lanewise.internal.sample.LogitSteps;
import dev.lanewise.internal.sample.Sampler;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One generation: reads the prompt, then draws, tells and feeds back token by token. */
public final class GenerationLoop {

  private final LoadedModel model;
  private final int promptLength;
  private final GenerationOptions options;
  private final TextListener listener;
  private final OptionalLong seed;
  private final Sampler sampler;
  private final Tokenizer.@Nullable StreamDecoder decoder;
  private final @Nullable StopMatcher stops;
  private final StringBuilder text = new StringBuilder();

  private OptionalInt stopId = OptionalInt.empty();
  private boolean cancelled;

  private GenerationLoop(
      LoadedModel model, int[] prompt, GenerationOptions options, TextListener listener) {
    int vocab = model.config().vocabSize();
    this.model = model;
    this.promptLength = prompt.length;
    this.options = options;
    this.listener = listener;
    this.seed =
        options.isGreedy()
            ? OptionalLong.empty()
            : OptionalLong.of(
                options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong()));
    this.sampler =
        new Sampler(options, LogitSteps.of(options, prompt.length, vocab), seed.orElse(0), vocab);
    Tokenizer tokenizer = model.tokenizerOrNull();
    this.decoder = tokenizer == null ? null : tokenizer.streamDecoder(true);
    if (options.stopStrings().isEmpty()) {
      this.stops = null;
    } else {
      model.tokenizer(); // or says that there is none
      this.stops = new StopMatcher(options.stopStrings());
    }
  }

  /** Continues {@code prompt}, ids that were checked. */
  public static Generation run(
      LoadedModel model, int[] prompt, GenerationOptions options, TextListener listener) {
    GenerationLoop loop = new GenerationLoop(model, prompt, options, listener);
    Generation[] result = new Generation[1];
    model.call(
        forward -> {
          forward.begin(loop.capacity(), true);
          result[0] = loop.generate(loop.feed(forward, prompt));
        });
    return result[0];
  }

  /** Continues a text that is kept, and leaves the new tokens in it. */
  public static Generation run(
      LoadedModel model, KeptText text, GenerationOptions options, TextListener listener) {
    int[] prompt = text.ids();
    GenerationLoop loop = new GenerationLoop(model, prompt, options, listener);
    Generation[] result = new Generation[1];
    text.use(
        loop.capacity(),
        forward -> {
          result[0] = loop.generate(loop.feed(forward, prompt));
          text.add(result[0].tokens().stream().mapToInt(id -> id).toArray());
        });
    return result[0];
  }

  /** Tokens that the text may grow to. */
  private int capacity() {
    return (int) Math.min((long) promptLength + options.maxTokens(), model.config().nPositions());
  }

  private LogitFeed feed(Forward forward, int[] prompt) {
    return new LogitFeed(
        forward,
        model.config(),
        prompt,
        capacity(),
        options.lookup() == 0 ? Drafter.NONE : new NgramDrafter(),
        options.lookup());
  }

  private Generation generate(LogitFeed feed) {
    long start = System.nanoTime();
    feed.next();
    long read = System.nanoTime();
    FinishReason reason = null;
    while (reason == null) {
      if (feed.length() - promptLength == options.maxTokens()) {
        reason = FinishReason.LENGTH;
      } else if (feed.isFull()) {
        reason = FinishReason.CONTEXT;
      } else if (cancelled || Thread.currentThread().isInterrupted()) {
        reason = FinishReason.CANCELLED;
      } else {
        reason = step(feed);
      }
    }
    if (decoder != null) {
      hear(decoder.finish());
    }
    if (stops != null) {
      tell(stops.finish());
      reason = stops.found() == null ? reason : FinishReason.STOP;
    }
    return new Generation(
        text.toString(),
        list(feed, 0, promptLength),
        list(feed, promptLength, feed.length()),
        reason,
        stopId,
        Optional.ofNullable(stops == null ? null : stops.found()),
        seed,
        read - start,
        System.nanoTime() - read);
  }

  private static List<Integer> list(LogitFeed feed, int from, int to) {
    return Arrays.stream(feed.ids(), from, to).boxed().toList();
  }

  private @Nullable FinishReason step(LogitFeed feed) {
    int id = sampler.next(feed.next(), feed.ids(), feed.length());
    if (model.config().eosTokenIds().contains(id)) {
      return FinishReason.EOS;
    }
    if (options.stopIds().contains(id)) {
      stopId = OptionalInt.of(id);
      return FinishReason.STOP;
    }
    feed.add(id);
    if (decoder != null) {
      hear(decoder.next(id));
    }
    return stops != null && stops.found() != null ? FinishReason.STOP : null;
  }

  private void hear(String piece) {
    tell(stops == null ? piece : stops.next(piece));
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
