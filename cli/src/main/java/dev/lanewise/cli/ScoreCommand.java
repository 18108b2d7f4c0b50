package dev.lanewise.cli;

import dev.lanewise.AnswerScore.By;
import dev.lanewise.Backend;
import dev.lanewise.Perplexity;
import dev.lanewise.Score;
import dev.lanewise.TextScorer;
import dev.lanewise.TokenScore;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code lanewise score}. */
@picocli.CommandLine.Command(
    name = "score",
    description = "Says how likely a language model finds a text.",
    sortOptions = false,
    footer = {
      "",
      "JSON fields: logProb (sum, nats), perplexity, tokens [{id, text, logProb}] (the first has",
      "no logProb without a context), backend. With --answers: answers [{text, index, logProb,",
      "logProbPerToken, probability}] best first. With --file: logProb, perplexity, scored,",
      "stride, windows.",
      "",
      "Examples:",
      "  lanewise score \"the cat sat on the mat\"",
      "  lanewise score \" on the mat\" --context \"the cat sat\" --json",
      "  lanewise score \"the cat sat on the\" --answers mat moon",
      "  lanewise score - --template \"{} this is about\" --answers food money < texts.txt",
      "  lanewise score --file book.txt --stride 128"
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

  @Option(
      names = "--answers",
      paramLabel = "ANSWER",
      arity = "1..*",
      description = "Rank these by how likely each follows TEXT (or --context).")
  private @Nullable List<String> answers;

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      converter = ByChoice.class,
      description =
          "What ranks answers: sum of their tokens' log-probabilities (default), or token, its"
              + " mean.")
  private @Nullable By by;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description = "What stands before an answer: {} is where TEXT goes.")
  private @Nullable String template;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Score a text file of any length, in windows.")
  private @Nullable String file;

  @Option(
      names = "--stride",
      paramLabel = "TOKENS",
      converter = PositiveInt.class,
      description = "From one window to the next (default: half the context).")
  private @Nullable Integer stride;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void check() {
    if (file != null) {
      if (text != null || context != null || answers != null || input.isGiven()) {
        throw new UsageException("--file goes with no other text, nor with --answers");
      }
      return;
    }
    if (stride != null) {
      throw new UsageException("--stride needs --file");
    }
    if (answers == null && (by != null || template != null)) {
      throw new UsageException("--by and --template need --answers");
    }
    if (template != null && !template.contains("{}")) {
      throw new UsageException(
          "--template: expected a text with {} in it, found '%s'".formatted(template));
    }
    if (answers != null && context != null && (text != null || input.isGiven())) {
      throw new UsageException("with --answers, TEXT and --context exclude each other");
    }
    if (answers != null && input.hasIds()) {
      throw new UsageException("--answers need a text, not --ids");
    }
    input.check(texts(), "TEXT");
    if (context != null && input.hasIds()) {
      throw new UsageException("--context needs a text, not --ids");
    }
  }

  private List<String> texts() {
    if (text == null && answers != null && context != null) {
      return List.of(context);
    }
    return text == null ? List.of() : List.of(text);
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.LANGUAGE);
    try (TextScorer scorer =
        Opening.open(console, common, model, path, o -> TextScorer.open(path, o))) {
      if (file != null) {
        console.print(scoreFile(scorer, Path.of(file), console));
        return;
      }
      input.forEach(
          texts(),
          console,
          in -> {
            if (answers != null) {
              console.print(rank(scorer, in, answers));
              return;
            }
            Score score = score(scorer, in);
            console.print(
                common.json ? json(score, scorer.backend()) + "\n" : table(score, console));
          });
    }
  }

  private String rank(TextScorer scorer, Input in, List<String> answers) {
    String given = in.text();
    if (given == null || in.context() != null) {
      throw new IllegalArgumentException("answers need a text before them, and nothing else");
    }
    String before = template == null ? given : template.replace("{}", given);
    return AnswerPrinter.print(
        scorer.rank(before, answers, by == null ? By.SUM : by),
        common.json,
        input.many(texts()),
        scorer.backend());
  }

  private String scoreFile(TextScorer scorer, Path path, Console console) throws IOException {
    int step = stride == null ? Math.max(1, scorer.config().nPositions() / 2) : stride;
    String whole = Utf8File.read(path);
    AtomicInteger done = new AtomicInteger();
    Perplexity result;
    try {
      result =
          StatusLine.during(
              console,
              common.quiet,
              () -> "scoring: %d tokens".formatted(done.get()),
              () -> scorer.perplexity(whole, step, done::set));
    } catch (IllegalArgumentException e) {
      throw new InputException(path.toString(), String.valueOf(e.getMessage()), e);
    }
    if (common.json) {
      JsonWriter json = new JsonWriter().beginObject();
      json.name("logProb").value(result.logProb());
      json.name("perplexity").value(result.perplexity());
      json.name("scored").value(result.scored());
      json.name("stride").value(step);
      json.name("windows").value(result.windows());
      json.name("backend").value(scorer.backend().name());
      return json.end().text() + "\n";
    }
    return String.format(
        Locale.ROOT,
        "perplexity %.3f over %,d tokens in %,d windows, %,d tokens apart\n",
        result.perplexity(),
        result.scored(),
        result.windows(),
        step);
  }

  /** Names of what answers are ranked by. */
  static final class ByChoice implements ITypeConverter<By> {
    @Override
    public By convert(String value) {
      return switch (value) {
        case "sum" -> By.SUM;
        case "token" -> By.PER_TOKEN;
        default ->
            throw new TypeConversionException("expected sum or token, found '" + value + "'");
      };
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
