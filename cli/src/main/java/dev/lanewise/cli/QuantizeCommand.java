package dev.lanewise.cli;

import dev.lanewise.ModelOptions;
import dev.lanewise.Quantizer;
import dev.lanewise.WeightType;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
      "With --check, a classifier's accuracy before and after is measured and stored; what loses",
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
      paramLabel = "TSV",
      description = "Texts to measure with: text, tab, label.")
  private @Nullable String check;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      converter = Points.class,
      description = "Percentage points of accuracy that may be lost (default: 0.5).")
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
    @Nullable Gate gate = null;
    if (check != null) {
      gate = new Gate(console, quantizer, source, target, LabelledText.read(Path.of(check)));
      in16Bits = gate.pass();
      metadata.putAll(gate.figures);
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

  /** Tries, measures, and keeps what loses too much in 16 bits. */
  private final class Gate {

    private final Console console;
    private final Quantizer quantizer;
    private final Path target;
    private final List<LabelledText> texts;
    private final Quality before;
    private Quality after;
    private final Map<String, String> figures = new LinkedHashMap<>();

    Gate(Console console, Quantizer quantizer, Path source, Path target, List<LabelledText> texts)
        throws IOException {
      this.console = console;
      this.quantizer = quantizer;
      this.target = target;
      this.texts = texts;
      this.before = measure(source, "as it is");
      this.after = before;
    }

    /** The groups that have to stay in 16 bits. */
    Set<String> pass() throws IOException {
      Set<String> in16Bits = new LinkedHashSet<>();
      after = measure(in16Bits);
      List<String> sensitive = new ArrayList<>();
      while (drop() > maxDrop) {
        if (in16Bits.isEmpty()) {
          sensitive.addAll(mostSensitiveFirst());
        }
        int keep = Math.max(1, in16Bits.size()); // 1, 2, 4, ... groups
        if (in16Bits.size() == sensitive.size()) {
          throw new IOException(
              "not written: %s loses %.2f points of accuracy, --max-drop allows %.2f"
                  .formatted(type, drop(), maxDrop));
        }
        in16Bits.addAll(
            sensitive.subList(in16Bits.size(), Math.min(sensitive.size(), in16Bits.size() + keep)));
        after = measure(in16Bits);
      }
      record();
      return in16Bits;
    }

    private double drop() {
      return 100 * (before.accuracy() - after.accuracy());
    }

    /** By what rounding each alone does to the likelihood of the right labels. */
    private List<String> mostSensitiveFirst() throws IOException {
      List<String> all = quantizer.groups().stream().map(Quantizer.Group::name).toList();
      Map<String, Double> likelihood = new HashMap<>();
      for (String group : all) {
        Set<String> others = new LinkedHashSet<>(all);
        others.remove(group);
        likelihood.put(group, measure(others).logLikelihood());
      }
      return all.stream().sorted(Comparator.comparing(likelihood::get)).toList();
    }

    private Quality measure(Set<String> in16Bits) throws IOException {
      Path written = quantizer.write(target, type, in16Bits, Map.of());
      try {
        return measure(written, in16Bits.isEmpty() ? type.name() : type + ", 16 bits: " + in16Bits);
      } finally {
        Quantizer.delete(written);
      }
    }

    private Quality measure(Path path, String what) throws IOException {
      ModelOptions options =
          ModelOptions.defaults().withThreads(common.threads == null ? 0 : common.threads);
      Quality quality =
          StatusLine.during(
              console,
              common.quiet,
              "measuring " + what,
              () -> Quality.measure(path, options, texts));
      if (!common.quiet) {
        console.note(
            String.format(
                Locale.ROOT,
                "%s: accuracy %.2f %%, log-likelihood %.4f",
                what,
                100 * quality.accuracy(),
                quality.logLikelihood()));
      }
      return quality;
    }

    void write(JsonWriter json) {
      json.name("accuracyBefore").value(before.accuracy());
      json.name("accuracyAfter").value(after.accuracy());
      json.name("labelAgreement").value(after.agreement(before));
      json.name("logLikelihoodBefore").value(before.logLikelihood());
      json.name("logLikelihoodAfter").value(after.logLikelihood());
    }

    private void record() {
      figures.put("quality.texts", String.valueOf(texts.size()));
      figure("quality.accuracy_before", before.accuracy());
      figure("quality.accuracy_after", after.accuracy());
      figure("quality.agreement", after.agreement(before));
      figure("quality.log_likelihood_before", before.logLikelihood());
      figure("quality.log_likelihood_after", after.logLikelihood());
    }

    private void figure(String name, double value) {
      figures.put(name, String.format(Locale.ROOT, "%.6f", value));
    }
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
