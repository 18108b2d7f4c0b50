package dev.lanewise.cli;

import dev.lanewise.Calibration;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lanewise calibrate}. */
@picocli.CommandLine.Command(
    name = "calibrate",
    description = "Makes a classifier's probabilities mean what they say.",
    sortOptions = false,
    footer = {
      "",
      "Fits one temperature T on texts that the model was not trained on, and writes it to",
      "calibration.json beside the model. Probabilities are softmax(logits / T) from then on;",
      "labels stay. To go back, delete the file, or give --no-calibration.",
      "",
      "JSON fields: temperature, examples, logLikelihoodBefore, logLikelihoodAfter, eceBefore,",
      "eceAfter, file.",
      "",
      "Example:",
      "  lanewise calibrate -m my-model --data held-out.tsv"
    })
final class CalibrateCommand implements Command {

  @Option(
      names = "--data",
      paramLabel = "TSV",
      required = true,
      description = "A line for each text: text, tab, right label.")
  private String data = "";

  @Mixin private final ModelOption model = new ModelOption();

  @Mixin private final ClassifierFlags flags = new ClassifierFlags();

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public void check() {
    model.requireGiven();
  }

  @Override
  public void run(Console console) throws IOException {
    Path file = Path.of(data);
    List<LabelledText> texts = LabelledText.read(file);
    Path path = model.orShipped(ShippedModel.INTENTS);
    ModelOptions options = Opening.options(common, model).withThreads(1).withCalibration(false);
    try (TextClassifier classifier =
        Opening.open(
            console, common, path, options, o -> TextClassifier.open(path, o, flags.options()))) {
      AtomicInteger done = new AtomicInteger();
      Evaluation evaluation =
          StatusLine.during(
              console,
              common.quiet,
              () -> "classifying: %d of %d".formatted(done.get(), texts.size()),
              () ->
                  Evaluation.of(
                      classifier, texts, flags.truncation(), common.threadsForMany(), null, done));
      Calibration calibration = evaluation.calibration();
      Path folder = Files.isDirectory(path) ? path : path.resolveSibling("");
      calibration.write(folder, String.valueOf(file.getFileName()));
      Path written = folder.resolve(Calibration.FILE_NAME);
      console.print(common.json ? json(calibration, written) + "\n" : text(calibration, written));
    }
  }

  private static String json(Calibration calibration, Path written) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("temperature").value(calibration.temperature());
    json.name("examples").value(calibration.examples());
    json.name("logLikelihoodBefore").value(calibration.logLikelihoodBefore());
    json.name("logLikelihoodAfter").value(calibration.logLikelihoodAfter());
    json.name("eceBefore").value(calibration.errorBefore());
    json.name("eceAfter").value(calibration.errorAfter());
    json.name("file").value(written.toString());
    return json.end().text();
  }

  private static String text(Calibration calibration, Path written) {
    return String.format(
        Locale.ROOT,
        "%s: temperature %.4f from %d texts; calibration error %.4f, before %.4f; log-likelihood"
            + " %.4f, before %.4f\n",
        Console.printable(written.toString()),
        calibration.temperature(),
        calibration.examples(),
        calibration.errorAfter(),
        calibration.errorBefore(),
        calibration.logLikelihoodAfter(),
        calibration.logLikelihoodBefore());
  }
}
