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
    model.call(forward -> result[0] = loop.generate(forward));
    return result[0];
  }

  private Generation generate(Forward forward) {
    OptionalLong seed =
        options.isGreedy()
            ? OptionalLong.empty()
            : OptionalLong.of(
                options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong()));
    Sampler sampler = new Sampler(options, seed.orElse(0), model.config().vocabSize());
    int context = model.config().nPositions();
    long start = System.nanoTime();
    long capacity = Math.min((long) prompt.length + options.maxTokens(), context);
    forward.begin((int) capacity, true);
    forward.runAll(prompt, prompt.length, Need.LAST, null);
    long read = System.nanoTime();
    FinishReason reason = null;
    int[] next = new int[1];
    while (reason == null) {
      if (tokens.size() == options.maxTokens()) {
        reason = FinishReason.LENGTH;
      } else if (forward.position() == context && !tokens.isEmpty()) {
        reason = FinishReason.CONTEXT;
      } else if (cancelled || Thread.currentThread().isInterrupted()) {
        reason = FinishReason.CANCELLED;
      } else {
        reason = step(forward, sampler, next);
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

  private @Nullable FinishReason step(Forward forward, Sampler sampler, int[] next) {
    if (!tokens.isEmpty()) {
      next[0] = tokens.getLast();
      forward.run(next, 0, 1, Need.LAST, null);
    }
    int id = sampler.next(forward.lastLogits());
    if (model.config().eosTokenId().stream().anyMatch(eos -> eos == id)) {
      return FinishReason.EOS;
    }
    tokens.add(id);
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
