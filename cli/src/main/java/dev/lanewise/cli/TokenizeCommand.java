package dev.lanewise.cli;

import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code lanewise tokenize}. */
@picocli.CommandLine.Command(
    name = "tokenize",
    description = "Shows a text's tokens, or the text of ids.",
    sortOptions = false,
    footer = {
      "",
      "JSON fields: ids, tokens, text (with --decode).",
      "",
      "Examples:",
      "  lanewise tokenize \"hello there\"",
      "  lanewise tokenize --decode --ids 8000,303,8001"
    })
final class TokenizeCommand implements Command {

  @Parameters(paramLabel = "TEXT", arity = "0..1", description = "A text, or '-' for stdin.")
  private @Nullable String text;

  @Mixin private final InputOptions input = new InputOptions();
  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--specials",
      paramLabel = "HOW",
      converter = SpecialsChoice.class,
      description =
          "What text that spells a special token becomes: text (default), or parse for that token.")
  private Specials specials = Specials.TEXT;

  @Option(names = "--decode", description = "Turn ids into text.")
  private boolean decode;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public boolean computes() {
    return false;
  }

  @Override
  public void check() {
    input.check(texts(), "TEXT");
    if (decode && text != null && !text.equals("-")) {
      throw new UsageException("--decode needs --ids");
    }
    if (input.hasIds() && !decode) {
      throw new UsageException("--ids needs --decode");
    }
  }

  private List<String> texts() {
    return text == null ? List.of() : List.of(text);
  }

  @Override
  public void run(Console console) throws IOException {
    Path path = model.orShipped(ShippedModel.INTENTS);
    Tokenizer tokenizer =
        StatusLine.during(
            console,
            common.quiet,
            "loading " + path,
            () -> Tokenizer.open(path, List.of(), model.preprocessing()));
    input.forEach(texts(), console, in -> console.print(show(tokenizer, in)));
  }

  private String show(Tokenizer tokenizer, Input in) {
    if (decode) {
      if (in.text() != null) {
        throw new IllegalArgumentException("--decode needs ids, found a text");
      }
      int[] ids = in.ids();
      String decoded = tokenizer.decode(ids, false);
      return common.json ? json(tokenizer, ids, decoded) + "\n" : decoded + "\n";
    }
    String given = in.text();
    if (given == null) {
      throw new IllegalArgumentException("ids need --decode");
    }
    int[] ids = tokenizer.encode(given, specials, true);
    if (common.json) {
      return json(tokenizer, ids, null) + "\n";
    }
    int width = 1;
    for (int id : ids) {
      width = Math.max(width, Integer.toString(id).length());
    }
    StringBuilder table = new StringBuilder();
    for (int id : ids) {
      String number = Integer.toString(id);
      table
          .append(" ".repeat(width - number.length()))
          .append(number)
          .append("  ")
          .append(Console.printable(tokenizer.token(id)))
          .append('\n');
    }
    return input.many(texts()) ? table.append('\n').toString() : table.toString();
  }

  private static String json(Tokenizer tokenizer, int[] ids, @Nullable String decoded) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("ids").beginArray();
    for (int id : ids) {
      json.value(id);
    }
    json.end();
    json.name("tokens").beginArray();
    for (int id : ids) {
      json.value(tokenizer.token(id));
    }
    json.end();
    if (decoded != null) {
      json.name("text").value(decoded);
    }
    return json.end().text();
  }

  /** Names of the policies. */
  static final class SpecialsChoice implements ITypeConverter<Specials> {
    @Override
    public Specials convert(String value) {
      return switch (value) {
        case "text" -> Specials.TEXT;
        case "parse" -> Specials.PARSE;
        default ->
            throw new TypeConversionException("expected text or parse, found '" + value + "'");
      };
    }
  }
}
