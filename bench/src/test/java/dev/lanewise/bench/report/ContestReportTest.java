package dev.lanewise.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.bench.Machine;
import dev.lanewise.bench.contest.Timings;
import dev.lanewise.bench.report.ContestTable.Case;
import dev.lanewise.bench.report.ContestTable.Entrant;
import dev.lanewise.bench.report.ContestTable.Result;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ContestReportTest {

  private static final Entrant OURS = new Entrant("Lanewise", "F32", true);
  private static final Entrant SLOW = new Entrant("Slow & old", "F32", false);
  private static final Entrant FAST = new Entrant("Fast", "F32", false);
  private static final Entrant SMALL = new Entrant("Small", "int8", false);

  private static final ContestTable TIMES =
      new ContestTable(
          "times",
          "Labels of a text",
          "ms",
          true,
          "A note.",
          List.of(
              new Case(
                  "32 tokens",
                  1,
                  List.of(
                      new Result(OURS, Timings.of(7, 8, 9)),
                      new Result(SLOW, Timings.of(20, 21, 40)),
                      new Result(FAST, Timings.of(10)),
                      new Result(SMALL, Timings.of(2)))),
              new Case("512 tokens", 2, List.of(new Result(OURS, Timings.of(100))))));

  private static final ContestTable RATES =
      new ContestTable(
          "rates",
          "Tokens",
          "tokens/s",
          false,
          "",
          List.of(
              new Case(
                  "decode",
                  1,
                  List.of(
                      new Result(OURS, Timings.of(30)),
                      new Result(SLOW, Timings.of(20)),
                      new Result(FAST, Timings.of(40))))));

  private static final ContestReport REPORT =
      new ContestReport(
          new Machine(
              "A CPU", 2, 0, 0, "Linux", "25, Somebody", "vector", 256, true, List.of(), "1.0"),
          Instant.parse("2026-01-02T03:04:05Z"),
          "bench/peers.sh --quick",
          List.of("Fast: 1.2"),
          List.of(TIMES, RATES));

  @Test
  void theRatioIsToTheBestRivalWithTheSameWeights() {
    ContestTable.Ratio time = TIMES.ratios(TIMES.cases().getFirst()).getFirst();
    assertThat(time.rival()).isEqualTo("Fast");
    assertThat(time.value()).isCloseTo(0.8, within(1e-9));
    ContestTable.Ratio rate = RATES.ratios(RATES.cases().getFirst()).getFirst();
    assertThat(rate.rival()).isEqualTo("Fast");
    assertThat(rate.value()).isCloseTo(0.75, within(1e-9));
    assertThat(TIMES.ratios(TIMES.cases().getLast())).isEmpty();
  }

  @Test
  void markdownShowsMachineMediansRatiosAndSpread() {
    assertThat(REPORT.markdown())
        .startsWith("# Lanewise and its peers\n\n```\nmachine   a-cpu-2-cores\nCPU       A CPU, 2")
        .contains("date      2026-01-02T03:04:05Z\ncommand   bench/peers.sh --quick\n")
        .contains("runtime   Fast: 1.2\n```\n")
        .contains("Medians in ms: less is better. A note.\n")
        .contains(
            """
            | case                  | Lanewise | Slow & old | Fast | Small | Lanewise / best rival |
            |-----------------------|----------|------------|------|-------|-----------------------|
            | 32 tokens, 1 thread   | 8.00     | 21.0       | 10.0 | 2.00  | 0.80 (Fast)           |
            | 512 tokens, 2 threads | 100      |            |      |       |                       |
            """)
        .contains("| 32 tokens, 1 thread   | Slow & old | 21.0   | 20.0..40.0 | 40.0 | 3 of 3 ");
  }

  @Test
  void jsonHoldsTheSame() throws IOException {
    JsonObject json = (JsonObject) Json.parse(REPORT.json(), "report");
    assertThat(json.members().keySet())
        .containsExactly("date", "command", "machine_name", "machine", "versions", "tables");
    assertThat(REPORT.json())
        .contains("\"ratios\":[{\"weights\":\"F32\",\"rival\":\"Fast\",\"ratio\":0.8}]")
        .contains(
            "{\"runtime\":\"Slow & old\",\"weights\":\"F32\",\"median\":21.0,\"min\":20.0,"
                + "\"max\":40.0,\"p99\":40.0,\"clean_samples\":3,\"samples\":3}");
  }

  @Test
  void picturesAreXmlWithABarForEachResultThatFits() throws Exception {
    Document svg = parse(BarPlot.svg(TIMES, REPORT.caption()));
    NodeList bars = svg.getElementsByTagName("rect");
    assertThat(bars.getLength()).isEqualTo(5);
    double ours = width(bars, 0);
    double slow = width(bars, 1);
    assertThat(ours / slow).isCloseTo(8.0 / 21, within(0.01));
    for (int i = 0; i < bars.getLength(); i++) {
      Element bar = (Element) bars.item(i);
      double end = Double.parseDouble(bar.getAttribute("x")) + width(bars, i);
      assertThat(end)
          .isLessThan(Double.parseDouble(svg.getDocumentElement().getAttribute("width")));
      double bottom = Double.parseDouble(bar.getAttribute("y"));
      assertThat(bottom)
          .isLessThan(Double.parseDouble(svg.getDocumentElement().getAttribute("height")) - 40);
    }
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("Slow & old", "A CPU, 2 processors; JDK 25, Somebody; 2026-01-02")
        .contains("prefers-color-scheme: dark");
  }

  @Test
  void writesAllFiles(@TempDir Path folder) throws IOException {
    REPORT.write(folder.resolve("new"));
    try (var files = Files.list(folder.resolve("new"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("report.json", "report.md", "times.svg", "rates.svg");
    }
  }

  private static double width(NodeList bars, int index) {
    return Double.parseDouble(((Element) bars.item(index)).getAttribute("width"));
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
  }
}
