package dev.lanewise.cli;

import dev.lanewise.Tokenizer;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.Inspection;
import dev.lanewise.loader.JsonWriter;
import dev.lanewise.loader.ModelConfig;
import dev.lanewise.loader.TensorInfo;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lanewise inspect}. */
@picocli.CommandLine.Command(
    name = "inspect",
    description = "Shows what a checkpoint holds, and what stands in the way of running it.",
    sortOptions = false,
    footer = {
      "",
      "Exit code 1 if there is a problem. The weights are not loaded.",
      "",
      "JSON fields: format, description, files, architecture, config, parameters, bytes,"
          + " tokenizer,",
      "labels, metadata, tensors [{name, dtype, shape, bytes}], problems, remarks.",
      "",
      "Examples:",
      "  lanewise inspect models/intents-gpt1",
      "  lanewise inspect gpt2.Q8_0.gguf --json"
    })
final class InspectCommand implements Command {

  /** Longer metadata is cut in the table. */
  private static final int METADATA_LENGTH = 100;

  @Parameters(paramLabel = "PATH", description = "Checkpoint folder or file.")
  private String path = "";

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
  public void run(Console console) throws IOException {
    Report report =
        StatusLine.during(console, common.quiet, "reading " + path, () -> Report.of(Path.of(path)));
    boolean opens = !report.inspection().format().isEmpty();
    if (common.json) {
      console.print(json(report) + "\n");
    } else if (opens) {
      console.print(new Table(console).of(report));
    }
    List<String> problems = report.problems();
    if (!problems.isEmpty()) {
      int more = opens || common.json ? problems.size() - 1 : 0;
      throw new IncompatibleCheckpointException(
          more == 0
              ? String.join("; ", problems)
              : problems.getFirst() + " (and " + more + " more, see 'problems')");
    }
  }

  /**
   * What the loader found, and the tokenizer.
   *
   * @param tokenizer for people, or null if there is none
   */
  private record Report(
      Inspection inspection,
      @Nullable String tokenizer,
      List<String> problems,
      List<String> remarks) {

    static Report of(Path path) throws IOException {
      Inspection inspection = Inspection.of(path);
      List<String> problems = new ArrayList<>(inspection.problems());
      List<String> remarks = new ArrayList<>(inspection.remarks());
      String description = null;
      try {
        Tokenizer tokenizer = Tokenizer.open(path);
        description = tokenizer.kind() + ", " + tokenizer.vocabSize() + " ids";
        compare(tokenizer, inspection, problems);
      } catch (NoSuchFileException e) {
        remarks.add("there is no tokenizer: it takes ids, no texts");
      } catch (IOException e) {
        problems.add(Failure.describe(e));
      }
      return new Report(inspection, description, problems, remarks);
    }

    private static void compare(Tokenizer tokenizer, Inspection inspection, List<String> problems) {
      int rows = inspection.vocabSize();
      for (int id = rows; rows > 0 && id < tokenizer.vocabSize(); id++) {
        if (!tokenizer.isSpecial(id)) {
          problems.add(
              "the tokenizer has ids up to %d, but the model's embedding has %d rows"
                  .formatted(tokenizer.vocabSize() - 1, rows));
          return;
        }
      }
    }
  }

  private static String json(Report report) {
    Inspection inspection = report.inspection();
    JsonWriter json = new JsonWriter().beginObject();
    json.name("format").value(inspection.format());
    json.name("description").value(inspection.description());
    texts(json, "files", inspection.files().stream().map(Path::toString).toList());
    String architecture = inspection.architecture();
    json.name("architecture").value(architecture.isEmpty() ? null : architecture);
    json.name("config");
    if (inspection.json().isPresent()) {
      json.value(inspection.json().get());
    } else {
      json.nullValue();
    }
    json.name("parameters").value(inspection.parameters());
    json.name("bytes").value(inspection.bytes());
    json.name("tokenizer").value(report.tokenizer());
    texts(json, "labels", inspection.config().map(ModelConfig::labels).orElse(List.of()));
    json.name("metadata").beginObject();
    inspection.metadata().forEach((key, value) -> json.name(key).value(value));
    json.end();
    json.name("tensors").beginArray();
    for (TensorInfo tensor : inspection.tensors()) {
      json.beginObject();
      json.name("name").value(tensor.name());
      json.name("dtype").value(tensor.dtype().name());
      json.name("shape").beginArray();
      tensor.shape().forEach(json::value);
      json.end();
      json.name("bytes").value(tensor.bytes());
      json.end();
    }
    json.end();
    texts(json, "problems", report.problems());
    texts(json, "remarks", report.remarks());
    return json.end().text();
  }

  private static void texts(JsonWriter json, String name, List<String> values) {
    json.name(name).beginArray();
    values.forEach(json::value);
    json.end();
  }

  /** The report for people. */
  private static final class Table {

    private final Console console;
    private final StringBuilder out = new StringBuilder();

    Table(Console console) {
      this.console = console;
    }

    String of(Report report) {
      Inspection inspection = report.inspection();
      line("format", inspection.format() + ": " + inspection.description());
      line(
          "architecture",
          inspection.architecture().isEmpty() ? "unknown" : inspection.architecture());
      inspection.config().ifPresent(this::settings);
      String tokenizer = report.tokenizer();
      line("tokenizer", tokenizer == null ? "none" : tokenizer);
      List<TensorInfo> tensors = inspection.tensors();
      line(
          "parameters",
          String.format(
              Locale.ROOT,
              "%,d in %d tensors, %,d bytes",
              inspection.parameters(),
              tensors.size(),
              inspection.bytes()));
      inspection
          .metadata()
          .forEach(
              (key, value) -> {
                if (!key.startsWith("quantized:")) { // the tensors say it
                  line("metadata", key + " = " + cut(value));
                }
              });
      if (report.problems().isEmpty()) {
        line("problems", "none");
      }
      report.problems().forEach(problem -> line("problem", problem));
      report.remarks().forEach(remark -> line("remark", remark));
      out.append('\n');
      tensors(tensors);
      return out.toString();
    }

    private void settings(ModelConfig config) {
      line(
          "",
          String.format(
              Locale.ROOT,
              "%d layers, width %d, %d heads of %d, feed-forward %d, %s",
              config.nLayer(),
              config.nEmbd(),
              config.nHead(),
              config.headSize(),
              config.nInner(),
              config.activation().name().toLowerCase(Locale.ROOT)));
      line("", "context of " + config.nPositions() + ", vocabulary of " + config.vocabSize());
      if (config.modelClass().endsWith("ForSequenceClassification")) {
        String problem = config.problemType().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        line("", config.numLabels() + " labels, " + problem);
      }
    }

    private static String cut(String value) {
      return value.length() <= METADATA_LENGTH
          ? value
          : value.substring(0, METADATA_LENGTH) + "...";
    }

    private void tensors(List<TensorInfo> tensors) {
      int width =
          tensors.stream().mapToInt(t -> Console.printable(t.name()).length()).max().orElse(0);
      for (TensorInfo tensor : tensors) {
        String name = Console.printable(tensor.name());
        String shape =
            tensor.shape().stream()
                .map(String::valueOf)
                .collect(Collectors.joining(", ", "[", "]"));
        out.append(name)
            .append(" ".repeat(width - name.length()))
            .append(
                String.format(Locale.ROOT, "  %-6s %-16s", tensor.dtype(), shape).stripTrailing())
            .append('\n');
      }
    }

    private void line(String name, String value) {
      out.append(console.bold(name))
          .append(" ".repeat(14 - name.length()))
          .append(Console.printable(value))
          .append('\n');
    }
  }
}
