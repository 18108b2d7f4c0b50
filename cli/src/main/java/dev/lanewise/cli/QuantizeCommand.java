package dev.lanewise.cli;

import dev.lanewise.ModelOptions;
import dev.lanewise.Quantizer;
import dev.lanewise.WeightType;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code lanewise quantize}. */
@picocli.CommandLine.Command(
    name = "quantize",
    description = "Writes a model folder with smaller matrices.",
    sortOptions = false,
    footer = {
      "",
      "With --check, accuracy or perplexity before and after is measured and stored; what loses",
      "more than --max-drop gets its most sensitive parts in 16 bits, or else is not written.",
      "",
      "Example:",
      "  lanewise quantize -m models/intents-gpt1 --to q8_0 --out /tmp/intents-q8"
    })
final class QuantizeCommand implements Command {

  @Mixin private final ModelOption model = new ModelOption();

  @Option(
      names = "--to",
      paramLabel = "TYPE",
      required = true,
      converter = FileType.class,
      description = "q8_0, q4_0, i8, i8a8, f16 or bf16.")
  private WeightType type = WeightType.Q8_0;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      required = true,
      description = "To be written; must not exist.")
  private String folder = "";

  @Option(
      names = "--check",
      paramLabel = "FILE",
      description =
          "Texts to measure with: of a classifier text, tab, label; of a language model a text a"
              + " line.")
  private @Nullable String check;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      converter = Points.class,
      description =
          "What may be lost (default: 0.5): percentage points of accuracy; of a language model the"
              + " percent by which perplexity rises.")
  private double maxDrop = 0.5;

  @Mixin private final CommonOptions common = new CommonOptions();

  @Override
  public CommonOptions common() {
    return common;
  }

  @Override
  public boolean computes() {
    return check != null;
  }

  @Override
  public void run(Console console) throws IOException {
    Path source = model.orShipped(ShippedModel.INTENTS);
    Path target = Path.of(folder);
    Quantizer quantizer = new Quantizer(source);
    Map<String, String> metadata = new LinkedHashMap<>();
    Set<String> in16Bits = Set.of();
    @Nullable QualityGate gate = null;
    if (check != null) {
      gate =
          new QualityGate(
              console,
              common.quiet,
              quantizer,
              source,
              target,
              type,
              measure(quantizer, Path.of(check)));
      in16Bits = gate.pass(maxDrop);
      metadata.putAll(gate.metadata());
    }
    Path written = quantizer.write(target, type, in16Bits, metadata);
    Quantizer.publish(written, target);
    long before = bytes(source);
    long after = bytes(target);
    if (common.json) {
      JsonWriter json = new JsonWriter().beginObject();
      json.name("bytesBefore").value(before).name("bytesAfter").value(after);
      if (gate != null) {
        gate.write(json);
      }
      json.name("in16Bits").beginArray();
      in16Bits.forEach(json::value);
      console.println(json.end().end().text());
      return;
    }
    console.println(
        "%s: %s%s, %,d bytes, %.2f of before"
            .formatted(
                target,
                type.name().toLowerCase(Locale.ROOT),
                in16Bits.isEmpty() ? "" : " with " + String.join(", ", in16Bits) + " in 16 bits",
                after,
                (double) after / before));
  }

  /** Of the files that have weights. */
  private static long bytes(Path folder) throws IOException {
    long bytes = 0;
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      for (Path file : checkpoint.files()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** What measures such a model with the texts of a file. */
  private QualityGate.Measure measure(Quantizer quantizer, Path file) throws IOException {
    ModelOptions options =
        ModelOptions.defaults().withThreads(common.threads == null ? 0 : common.threads);
    if (quantizer.isClassifier()) {
      List<LabelledText> texts = LabelledText.read(file);
      return path -> LabelQuality.measure(path, options, texts);
    }
    List<String> texts = TextQuality.read(file);
    return path -> TextQuality.measure(path, options, texts);
  }

  /** Types that files can have. */
  static final class FileType implements ITypeConverter<WeightType> {
    @Override
    public WeightType convert(String value) {
      return Stream.of(WeightType.values())
          .filter(type -> type != WeightType.STORED && type != WeightType.F32)
          .filter(type -> type.name().equalsIgnoreCase(value))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected q8_0, q4_0, i8, i8a8, f16 or bf16, found '" + value + "'"));
    }
  }

  /** 0 to 100. */
  static final class Points implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      double points;
      try {
        points = Double.parseDouble(value);
      } catch (NumberFormatException e) {
        points = Double.NaN;
      }
      if (!(points >= 0 && points <= 100)) {
        throw new TypeConversionException("expected 0 to 100, found '" + value + "'");
      }
      return points;
    }
  }
}
