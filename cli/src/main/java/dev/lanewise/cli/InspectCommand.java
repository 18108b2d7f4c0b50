package dev.lanewise.cli;

import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.JsonWriter;
import dev.lanewise.loader.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lanewise inspect}. */
@picocli.CommandLine.Command(
    name = "inspect",
    description = "Shows what a checkpoint holds, and what stands in the way of running it.",
    sortOptions = false,
    footer = {
      "",
      "JSON fields: format, architecture, config, parameters, tensors [{name, dtype, shape,"
          + " bytes}],",
      "problems.",
      "",
      "Example:",
      "  lanewise inspect models/intents-gpt1"
    })
final class InspectCommand implements Command {

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
    try (Checkpoint checkpoint = open(console)) {
      Diagnosis diagnosis = Diagnosis.of(Path.of(path));
      List<TensorInfo> tensors = new ArrayList<>(checkpoint.tensors().values());
      console.print(
          common.json
              ? json(checkpoint, tensors, diagnosis) + "\n"
              : table(checkpoint, tensors, diagnosis, console));
    }
  }

  private Checkpoint open(Console console) throws IOException {
    return StatusLine.during(
        console, common.quiet, "reading " + path, () -> Checkpoint.open(Path.of(path)));
  }

  private static long parameters(List<TensorInfo> tensors) {
    return tensors.stream().mapToLong(TensorInfo::elements).sum();
  }

  private static String json(Checkpoint checkpoint, List<TensorInfo> tensors, Diagnosis diagnosis) {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("format").value(checkpoint.format());
    json.name("architecture").value(diagnosis.architecture());
    json.name("config");
    JsonValue config = diagnosis.config();
    if (config == null) {
      json.nullValue();
    } else {
      json.value(config);
    }
    json.name("parameters").value(parameters(tensors));
    json.name("tensors").beginArray();
    for (TensorInfo tensor : tensors) {
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
    json.name("problems").beginArray();
    diagnosis.problems().forEach(json::value);
    json.end();
    return json.end().text();
  }

  private static String table(
      Checkpoint checkpoint, List<TensorInfo> tensors, Diagnosis diagnosis, Console console) {
    StringBuilder out = new StringBuilder();
    String architecture = diagnosis.architecture();
    line(out, console, "format", checkpoint.format());
    line(out, console, "architecture", architecture == null ? "unknown" : architecture);
    for (String setting : diagnosis.settings()) {
      line(out, console, "", setting);
    }
    long bytes = tensors.stream().mapToLong(TensorInfo::bytes).sum();
    line(
        out,
        console,
        "parameters",
        String.format(
            Locale.ROOT,
            "%,d in %d tensors, %,d bytes",
            parameters(tensors),
            tensors.size(),
            bytes));
    if (diagnosis.problems().isEmpty()) {
      line(out, console, "problems", "none");
    }
    for (String problem : diagnosis.problems()) {
      line(out, console, "problem", problem);
    }
    out.append('\n');
    int width =
        tensors.stream().mapToInt(t -> Console.printable(t.name()).length()).max().orElse(0);
    for (TensorInfo tensor : tensors) {
      String name = Console.printable(tensor.name());
      String shape =
          tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
      out.append(name)
          .append(" ".repeat(width - name.length()))
          .append(String.format(Locale.ROOT, "  %-5s %-16s", tensor.dtype(), shape).stripTrailing())
          .append('\n');
    }
    return out.toString();
  }

  private static void line(StringBuilder out, Console console, String name, String value) {
    out.append(console.bold(name))
        .append(" ".repeat(14 - name.length()))
        .append(Console.printable(value))
        .append('\n');
  }
}
