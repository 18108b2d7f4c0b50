package dev.lanewise.cli;

import dev.lanewise.FeatureExtractor;
import dev.lanewise.FittedHead;
import dev.lanewise.HeadOptions;
import dev.lanewise.loader.JsonWriter;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code lanewise fit}. */
@picocli.CommandLine.Command(
    name = "fit",
    description = "Makes a classifier of a language model and labelled texts.",
    sortOptions = false,
    footer = {
      "",
      "The model stays as it is; a linear head is fitted to its last hidden states (multinomial",
      "logistic regression). Ten texts for each label are a start. The penalty 1/C is the best of",
      "those given by cross-validation, whose accuracy is shown. The folder is one for",
      "'lanewise classify'; with --pooling last --no-bias transformers opens it, too.",
      "",
      "JSON fields: accuracy (of heads that had not seen the text), labels, seconds, examples, c,",
      "pooling, bias, iterations, out.",
      "",
      "Example:",
      "  lanewise fit --data train.tsv --out my-classifier"
    })
final class FitCommand implements Command {

  @Option(
      names = "--data",
      paramLabel = "TSV",
      required = true,
      description = "A line for each text: text, tab, right label.")
  private String data = "";

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      required = true,
      description = "Folder to make; there must be none.")
  private String out = "";

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--pooling",
      paramLabel = "STATES",
      converter = PoolingChoice.class,
      description = "States that the head reads: last, mean, or last+mean (default).")
  private Pooling pooling = HeadOptions.defaults().pooling();

  @Option(names = "--no-bias", description = "A head without bias, as transformers' are.")
  private boolean unbiased;

  @Option(
      names = "--c",
      paramLabel = "C[,C...]",
      split = ",",
      converter = Strength.class,
      description = "Inverse strengths of the penalty to choose from (default: 0.01,0.1,1).")
  private @Nullable List<Double> strengths;

  @Option(
      names = "--folds",
      paramLabel = "N",
      converter = Folds.class,
      description = "Folds of the cross-validation, at least 2 (default: 3).")
  private int folds = HeadOptions.defaults().folds();

  @Option(names = "--seed", paramLabel = "N", description = "Of the folds (default: 1).")
  private long seed = HeadOptions.defaults().seed();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void run(Console console) throws IOException {
    long start = System.nanoTime();
    Path target = Path.of(out);
    if (Files.exists(target)) { // said before the work, not after
      throw new FileAlreadyExistsException(out, null, "there is something already");
    }
    List<LabelledText> texts = LabelledText.read(Path.of(data));
    Path base = model.orShipped(ShippedModel.LANGUAGE);
    try (FeatureExtractor extractor =
        Opening.open(console, common, model, base, o -> FeatureExtractor.open(base, o))) {
      FittedHead head = fit(console, extractor, texts);
      head.save(base, target);
      double seconds = (System.nanoTime() - start) / 1e9;
      console.print(common.json ? json(head, texts.size(), seconds) + "\n" : text(head, seconds));
    }
  }

  private FittedHead fit(Console console, FeatureExtractor base, List<LabelledText> texts)
      throws IOException {
    HeadOptions options =
        HeadOptions.defaults()
            .withPooling(pooling)
            .withBias(!unbiased)
            .withFolds(folds)
            .withSeed(seed);
    HeadOptions all = strengths == null ? options : options.withStrengths(strengths);
    AtomicReference<String> doing = new AtomicReference<>("");
    try {
      return StatusLine.during(
          console,
          common.quiet,
          doing::get,
          () ->
              FittedHead.fit(
                  base,
                  texts.stream().map(LabelledText::text).toList(),
                  texts.stream().map(LabelledText::label).toList(),
                  all,
                  doing::set));
    } catch (IllegalArgumentException e) {
      throw new InputException(data, String.valueOf(e.getMessage()), e);
    }
  }

  private String json(FittedHead head, int examples, double seconds) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("accuracy").value(head.validatedAccuracy());
    json.name("labels").beginArray();
    head.labels().forEach(json::value);
    json.end();
    json.name("seconds").value(Math.round(seconds * 1000) / 1000.0);
    json.name("examples").value(examples);
    json.name("c").value(head.c());
    json.name("pooling").value(head.pooling().label());
    json.name("bias").value(!unbiased);
    json.name("iterations").value(head.iterations());
    json.name("out").value(out);
    return json.end().text();
  }

  private String text(FittedHead head, double seconds) {
    return String.format(
        Locale.ROOT,
        "%s: %d labels, %.1f%% of texts right that the head had not seen (C = %s), %.1f s\n",
        Console.printable(out),
        head.labels().size(),
        100 * head.validatedAccuracy(),
        head.c(),
        seconds);
  }

  /** A finite number above 0. */
  static final class Strength implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      double c;
      try {
        c = Double.parseDouble(value);
      } catch (NumberFormatException e) {
        c = Double.NaN;
      }
      if (!(c > 0 && c <= Double.MAX_VALUE)) {
        throw new TypeConversionException("expected numbers above 0, found '" + value + "'");
      }
      return c;
    }
  }

  /** 2 or more. */
  static final class Folds implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      int number = new PositiveInt().convert(value);
      if (number < 2) {
        throw new TypeConversionException("expected an integer of at least 2, found '1'");
      }
      return number;
    }
  }
}
