package dev.lanewise.cli;

import dev.lanewise.Backend;
import dev.lanewise.Score;
import dev.lanewise.TextScorer;
import dev.lanewise.TokenScore;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lanewise score}. */
@picocli.CommandLine.Command(
    name = "score",
    description = "Says how likely a language model finds a text.",
    sortOptions = false,
    footer = {
      "",
      "JSON fields: logProb (sum, nats), perplexity, tokens [{id, text, logProb}], backend. The"
          + " first",
      "token has no logProb without a context.",
      "",
      "Examples:",
      "  lanewise score \"the cat sat on the mat\"",
      "  lanewise score \" on the mat\" --context \"the cat sat\" --json"
    })
final class ScoreCommand implements Command {

  @Parameters(paramLabel = "TEXT", arity = "0..1", description = "A text, or '-' for stdin.")
  private @Nullable String text;

  @Mixin private final InputOptions input = new InputOptions();
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--context",
      paramLabel = "TEXT",
      description = "What comes before the text; only what follows it counts.")
  private @Nullable String context;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void check() {
    input.check(texts(), "TEXT");
    if (context != null && input.hasIds()) {
      throw new UsageException("--context needs a text, not --ids");
    }
  }

  private List<String> texts() {
    return text == null ? List.of() : List.of(text);
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.LANGUAGE);
    try (TextScorer scorer =
        Opening.open(console, common, model, path, o -> TextScorer.open(path, o))) {
      input.forEach(
          texts(),
          console,
          in -> {
            Score score = score(scorer, in);
            console.print(
                common.json ? json(score, scorer.backend()) + "\n" : table(score, console));
          });
    }
  }

  private Score score(TextScorer scorer, Input in) {
    String before = in.context() == null ? context : in.context();
    String counted = in.text();
    if (counted == null) {
      if (before != null) {
        throw new IllegalArgumentException("a context needs a text, not ids");
      }
      return scorer.score(in.ids());
    }
    return before == null ? scorer.score(counted) : scorer.score(before, counted);
  }

  private static String json(Score score, Backend backend) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("logProb").value(score.logProb());
    json.name("perplexity").value(score.perplexity());
    json.name("tokens").beginArray();
    for (TokenScore token : score.tokens()) {
      json.beginObject();
      json.name("id").value(token.id());
      json.name("text").value(token.text());
      json.name("logProb");
      if (token.logProb().isPresent()) {
        json.value(token.logProb().getAsDouble());
      } else {
        json.nullValue();
      }
      json.end();
    }
    json.end();
    json.name("backend").value(backend.name());
    json.name("vectorBits").value(backend.vectorBits());
    return json.end().text();
  }

  private static String table(Score score, Console console) {
    StringBuilder out = new StringBuilder();
    for (TokenScore token : score.tokens()) {
      String logProb =
          token.logProb().isPresent()
              ? String.format(Locale.ROOT, "%10.4f", token.logProb().getAsDouble())
              : " ".repeat(9) + "-";
      out.append(logProb).append("  ").append(Console.printable(token.text())).append('\n');
    }
    String sum =
        score.scored() == 0
            ? "no token has anything before it, so there is nothing to add up"
            : String.format(
                Locale.ROOT,
                "%10.4f  nats in all, perplexity %.2f",
                score.logProb(),
                score.perplexity());
    out.append(console.bold(sum));
    return out.append('\n').toString();
  }
}
