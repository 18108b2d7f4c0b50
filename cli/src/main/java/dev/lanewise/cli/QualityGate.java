package dev.lanewise.cli;

import dev.lanewise.Quantizer;
import dev.lanewise.WeightType;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
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

/** Tries, measures, and keeps what loses too much in 16 bits. */
final class QualityGate {

  /** Opens a model and measures it. */
  @FunctionalInterface
  interface Measure {
    /** The quality of the model in a folder. */
    Quality of(Path model) throws IOException;
  }

  private final Console console;
  private final boolean quiet;
  private final Quantizer quantizer;
  private final Path target;
  private final WeightType type;
  private final Measure measure;
  private final Quality before;
  private Quality after;

  /**
   * Measures the model as it is.
   *
   * @param target beside which folders are written to be measured
   */
  QualityGate(
      Console console,
      boolean quiet,
      Quantizer quantizer,
      Path source,
      Path target,
      WeightType type,
      Measure measure)
      throws IOException {
    this.console = console;
    this.quiet = quiet;
    this.quantizer = quantizer;
    this.target = target;
    this.type = type;
    this.measure = measure;
    this.before = measure(source, "as it is");
    this.after = before;
  }

  /**
   * The groups that have to stay in 16 bits.
   *
   * @param maxDrop that is allowed, in the quality's unit
   * @throws IOException if all of them in 16 bits are not enough
   */
  Set<String> pass(double maxDrop) throws IOException {
    Set<String> in16Bits = new LinkedHashSet<>();
    after = measure(in16Bits);
    List<String> sensitive = new ArrayList<>();
    // Not "drop > maxDrop", which a NaN would pass.
    while (!(after.drop(before) <= maxDrop)) {
      if (in16Bits.isEmpty()) {
        sensitive.addAll(mostSensitiveFirst());
      }
      if (in16Bits.size() == sensitive.size()) {
        throw new IOException(
            "not written: %s loses %s, --max-drop allows %s"
                .formatted(
                    type,
                    after.dropped(after.drop(before)),
                    String.format(Locale.ROOT, "%.2f", maxDrop)));
      }
      int keep = Math.max(1, in16Bits.size()); // 1, 2, 4, ... groups
      in16Bits.addAll(
          sensitive.subList(in16Bits.size(), Math.min(sensitive.size(), in16Bits.size() + keep)));
      after = measure(in16Bits);
    }
    return in16Bits;
  }

  /** By what rounding each alone does to the likelihood of what is right. */
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
    Quality quality =
        StatusLine.during(console, quiet, "measuring " + what, () -> measure.of(path));
    if (!quiet) {
      console.note(what + ": " + quality);
    }
    return quality;
  }

  /** Figures before and after, to be stored with the weights. */
  Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    before.figures().forEach((name, value) -> put(metadata, name + "Before", value));
    after.figures().forEach((name, value) -> put(metadata, name + "After", value));
    after.labelAgreement(before).ifPresent(value -> put(metadata, "labelAgreement", value));
    return metadata;
  }

  private static void put(Map<String, String> metadata, String name, double value) {
    String key = name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    metadata.put("quality." + key, String.format(Locale.ROOT, "%.6f", value));
  }

  /** The same, as members of an object. */
  void write(JsonWriter json) {
    before.figures().forEach((name, value) -> json.name(name + "Before").value(value));
    after.figures().forEach((name, value) -> json.name(name + "After").value(value));
    after.labelAgreement(before).ifPresent(value -> json.name("labelAgreement").value(value));
  }
}
