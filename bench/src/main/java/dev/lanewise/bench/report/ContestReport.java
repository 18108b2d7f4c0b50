package dev.lanewise.bench.report;

import dev.lanewise.bench.Machine;
import dev.lanewise.bench.contest.Timings;
import dev.lanewise.bench.report.ContestTable.Case;
import dev.lanewise.bench.report.ContestTable.Entrant;
import dev.lanewise.bench.report.ContestTable.Ratio;
import dev.lanewise.bench.report.ContestTable.Result;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a contest found, and where: one JSON file, one Markdown file, and a picture for each table.
 *
 * @param machine that all ran on
 * @param date when the run began
 * @param command that repeats it
 * @param versions of the runtimes, "name: version"
 * @param tables the results
 */
public record ContestReport(
    Machine machine,
    Instant date,
    String command,
    List<String> versions,
    List<ContestTable> tables) {

  /** Copies the lists. */
  public ContestReport {
    versions = List.copyOf(versions);
    tables = List.copyOf(tables);
  }

  /** Writes {@code report.json}, {@code report.md} and an SVG file for each table. */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("report.json"), json() + "\n");
    Files.writeString(folder.resolve("report.md"), markdown());
    for (ContestTable table : tables) {
      Files.writeString(folder.resolve(table.id() + ".svg"), BarPlot.svg(table, caption()));
    }
  }

  /** One line below a picture. */
  String caption() {
    return "%s, %d processors; JDK %s; %s"
        .formatted(
            machine.cpu(),
            machine.processors(),
            machine.jdk(),
            date.toString().substring(0, "2000-01-01".length()));
  }

  /** All tables, with the machine above them. */
  public String markdown() {
    StringBuilder text = new StringBuilder("# Lanewise and its peers\n\n```\n");
    text.append("machine   ").append(machine.slug()).append('\n');
    text.append(machine.header());
    text.append("date      ").append(date).append('\n');
    text.append("command   ").append(command).append('\n');
    versions.forEach(version -> text.append("runtime   ").append(version).append('\n'));
    text.append("```\n");
    for (ContestTable table : tables) {
      text.append("\n## ").append(table.title()).append("\n\n");
      text.append("Medians in ").append(table.unit()).append(": ");
      text.append(table.lessIsBetter() ? "less is better." : "more is better.");
      if (!table.note().isEmpty()) {
        text.append(' ').append(table.note());
      }
      text.append("\n\n").append(medians(table)).append('\n').append(details(table));
    }
    return text.toString();
  }

  private static String medians(ContestTable table) {
    List<Entrant> entrants = table.entrants();
    List<String> columns = new ArrayList<>(List.of("case"));
    entrants.forEach(entrant -> columns.add(entrant.name()));
    columns.add("Lanewise / best rival");
    Markdown markdown = new Markdown(columns.toArray(String[]::new));
    for (Case one : table.cases()) {
      List<String> cells = new ArrayList<>(List.of(one.label()));
      for (Entrant entrant : entrants) {
        cells.add(
            one.of(entrant.name())
                .map(result -> KernelTable.number(result.values().median()))
                .orElse(""));
      }
      cells.add(
          table.ratios(one).stream().map(ContestReport::text).collect(Collectors.joining("; ")));
      markdown.row(cells.toArray(String[]::new));
    }
    return markdown.text();
  }

  private static String text(Ratio ratio) {
    return String.format(Locale.ROOT, "%.2f (%s)", ratio.value(), ratio.rival());
  }

  private static String details(ContestTable table) {
    Markdown markdown =
        new Markdown("case", "runtime", "median", "min..max", "p99", "undisturbed samples");
    for (Case one : table.cases()) {
      for (Result result : one.results()) {
        Timings values = result.values();
        markdown.row(
            one.label(),
            result.entrant().name(),
            KernelTable.number(values.median()),
            KernelTable.number(values.min()) + ".." + KernelTable.number(values.max()),
            KernelTable.number(values.p99()),
            values.clean() + " of " + values.samples());
      }
    }
    return markdown.text();
  }

  /** Everything, as one JSON object. */
  public String json() {
    JsonWriter json = new JsonWriter().beginObject();
    json.name("date").value(date.toString());
    json.name("command").value(command);
    json.name("machine_name").value(machine.slug());
    json.name("machine");
    machine.write(json);
    json.name("versions").beginArray();
    versions.forEach(json::value);
    json.end();
    json.name("tables").beginArray();
    tables.forEach(table -> write(json, table));
    return json.end().end().text();
  }

  private static void write(JsonWriter json, ContestTable table) {
    json.beginObject();
    json.name("id").value(table.id());
    json.name("title").value(table.title());
    json.name("unit").value(table.unit());
    json.name("less_is_better").value(table.lessIsBetter());
    json.name("note").value(table.note());
    json.name("cases").beginArray();
    for (Case one : table.cases()) {
      json.beginObject();
      json.name("case").value(one.name());
      json.name("threads").value(one.threads());
      json.name("results").beginArray();
      one.results().forEach(result -> write(json, result));
      json.end();
      json.name("ratios").beginArray();
      for (Ratio ratio : table.ratios(one)) {
        json.beginObject();
        json.name("weights").value(ratio.weights());
        json.name("rival").value(ratio.rival());
        json.name("ratio").value(ratio.value());
        json.end();
      }
      json.end().end();
    }
    json.end().end();
  }

  private static void write(JsonWriter json, Result result) {
    json.beginObject();
    json.name("runtime").value(result.entrant().name());
    json.name("weights").value(result.entrant().weights());
    json.name("median").value(result.values().median());
    json.name("min").value(result.values().min());
    json.name("max").value(result.values().max());
    json.name("p99").value(result.values().p99());
    json.name("clean_samples").value(result.values().clean());
    json.name("samples").value(result.values().samples());
    json.end();
  }
}
