package dev.lanewise.cli;

import dev.lanewise.Backend;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.TextGenerator;
import dev.lanewise.TextListener;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lanewise generate}. */
@picocli.CommandLine.Command(
    name = "generate",
    description =
        "Continues a text. Greedy unless --temperature, --top-k, --top-p, --min-p, --typical-p or"
            + " --seed is given.",
    sortOptions = false,
    footer = {
      "",
      "JSON fields: text, promptTokens, tokens, finishReason (length, stop, eos, context,",
      "cancelled), stop (the text or id that ended it, or null), seed (null when greedy), timings",
      "{loadMs, promptMs, generateMs, promptTokensPerSecond, tokensPerSecond}, backend.",
      "",
      "Examples:",
      "  lanewise generate \"it was a cold morning, and\"",
      "  lanewise generate \"once upon a time\" --temperature 0.8 --top-p 0.9 --seed 7",
      "  lanewise generate \"she said\" --repetition-penalty 1.2 --stop . --stop !"
    })
final class GenerateCommand implements Command {

  @Parameters(paramLabel = "PROMPT", arity = "0..1", description = "A text, or '-' for stdin.")
  private @Nullable String prompt;

  @Mixin private final InputOptions input = new InputOptions();
  @Mixin private final ModelOption model = new ModelOption();

  @Mixin private final SamplingFlags sampling = new SamplingFlags();
  @Mixin private final CommonOptions common = new CommonOptions();

  private GenerationOptions options = GenerationOptions.greedy();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void check() {
    input.check(texts(), "PROMPT");
    options = sampling.options();
  }

  private List<String> texts() {
    return prompt == null ? List.of() : List.of(prompt);
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.LANGUAGE);
    long start = System.nanoTime();
    try (TextGenerator generator =
        Opening.open(console, common, model, path, o -> TextGenerator.open(path, o))) {
      long loadNanos = System.nanoTime() - start;
      input.forEach(texts(), console, in -> generate(generator, in, loadNanos, console));
    } catch (UncheckedIOException e) {
      // The listener cannot throw what it is: stdout that was closed, or is full.
      throw e.getCause();
    }
  }

  private void generate(TextGenerator generator, Input in, long loadNanos, Console console)
      throws IOException {
    if (in.context() != null) {
      throw new IllegalArgumentException("field 'context' is for 'score'");
    }
    TextListener listener = common.json ? piece -> true : piece -> stream(piece, console);
    String text = in.text();
    Generation result =
        text == null
            ? generator.generate(in.ids(), options, listener)
            : generator.generate(text, options, listener);
    Backend backend = generator.backend();
    if (common.json) {
      console.println(json(result, loadNanos, backend));
    } else {
      console.print("\n");
      if (!common.quiet) {
        console.note(speeds(result, backend));
      }
    }
  }

  private static boolean stream(String piece, Console console) {
    try {
      console.print(piece);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String json(Generation result, long loadNanos, Backend backend) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("text").value(result.text());
    ids(json.name("promptTokens"), result.promptTokens());
    ids(json.name("tokens"), result.tokens());
    json.name("finishReason").value(result.finishReason().name().toLowerCase(Locale.ROOT));
    json.name("stop");
    if (result.stopString().isPresent()) {
      json.value(result.stopString().get());
    } else if (result.stopId().isPresent()) {
      json.value(result.stopId().getAsInt());
    } else {
      json.nullValue();
    }
    json.name("seed");
    if (result.seed().isPresent()) {
      json.value(result.seed().getAsLong());
    } else {
      json.nullValue();
    }
    json.name("timings").beginObject();
    json.name("loadMs").value(millis(loadNanos));
    json.name("promptMs").value(millis(result.promptNanos()));
    json.name("generateMs").value(millis(result.generateNanos()));
    json.name("promptTokensPerSecond")
        .value(perSecond(result.promptTokens().size(), result.promptNanos()));
    json.name("tokensPerSecond").value(perSecond(result.tokens().size(), result.generateNanos()));
    json.end();
    json.name("backend").value(backend.name());
    json.name("vectorBits").value(backend.vectorBits());
    return json.end().text();
  }

  private static void ids(JsonWriter json, List<Integer> ids) {
    json.beginArray();
    for (int id : ids) {
      json.value(id);
    }
    json.end();
  }

  private static String speeds(Generation result, Backend backend) {
    String seed = result.seed().isPresent() ? ", seed " + result.seed().getAsLong() : "";
    return String.format(
        Locale.ROOT,
        "prompt %d tokens, %.1f tokens/s; new %d tokens, %.1f tokens/s (%s)%s; %s",
        result.promptTokens().size(),
        perSecond(result.promptTokens().size(), result.promptNanos()),
        result.tokens().size(),
        perSecond(result.tokens().size(), result.generateNanos()),
        result.finishReason().name().toLowerCase(Locale.ROOT),
        seed,
        backend);
  }

  /** Rounded to microseconds. */
  private static double millis(long nanos) {
    return Math.round(nanos / 1e3) / 1e3;
  }

  /** 0 where nothing was done. */
  private static double perSecond(int tokens, long nanos) {
    return tokens == 0 || nanos <= 0 ? 0 : Math.round(tokens * 1e11 / nanos) / 100.0;
  }
}
