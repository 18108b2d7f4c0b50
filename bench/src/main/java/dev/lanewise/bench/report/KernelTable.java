package dev.lanewise.bench.report;

import dev.lanewise.bench.kernel.Work;
import dev.lanewise.bench.peak.Peak;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** JMH's results beside the machine's limits, as a Markdown table. */
public final class KernelTable {

  private KernelTable() {}

  /** The table. */
  public static String of(Collection<RunResult> results, List<Peak> peaks) {
    Markdown table =
        new Markdown(
            "benchmark",
            "parameters",
            "time",
            "unit",
            "GFLOP/s",
            "of peak",
            "GB/s",
            "of peak",
            "bytes allocated",
            "other");
    for (RunResult result : results) {
      table.row(row(result, peaks));
    }
    return table.text();
  }

  private static String[] row(RunResult result, List<Peak> peaks) {
    BenchmarkParams params = result.getParams();
    Result<?> primary = result.getPrimaryResult();
    @Nullable Work work = work(params);
    double seconds = primary.getScore() * unitSeconds(primary.getScoreUnit());
    double flops = work == null ? 0 : work.flops();
    double bytes = work == null ? 0 : work.readBytes();
    @Nullable Peak peak =
        work == null || peaks.size() < work.threads() ? null : peaks.get(work.threads() - 1);
    String name = params.getBenchmark();
    String shortName = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
    double error = primary.getScoreError();
    return new String[] {
      shortName,
      params.getParamsKeys().stream()
          .map(key -> key + " " + params.getParam(key))
          .collect(Collectors.joining(", ")),
      number(primary.getScore()) + (Double.isNaN(error) ? "" : " ± " + number(error)),
      primary.getScoreUnit(),
      flops == 0 ? "" : number(flops / seconds / 1e9),
      flops == 0 || peak == null ? "" : percent(flops / seconds / 1e9 / peak.gflops()),
      bytes == 0 ? "" : number(bytes / seconds / 1e9),
      bytes == 0 || peak == null ? "" : percent(bytes / seconds / 1e9 / peak.readGigabytes()),
      secondary(result, "gc.alloc.rate.norm"),
      secondary(result, "decodeTokensPerSecond")
    };
  }

  private static String secondary(RunResult result, String name) {
    for (String key : result.getSecondaryResults().keySet()) {
      if (key.endsWith(name)) {
        return number(result.getSecondaryResults().get(key).getScore());
      }
    }
    return "";
  }

  /** The benchmark with its parameters set as they were when it ran. */
  private static @Nullable Work work(BenchmarkParams params) {
    String name = params.getBenchmark();
    try {
      Class<?> type = Class.forName(name.substring(0, name.lastIndexOf('.')));
      if (!Work.class.isAssignableFrom(type)) {
        return null;
      }
      Object benchmark = type.getDeclaredConstructor().newInstance();
      for (String key : new ArrayList<>(params.getParamsKeys())) {
        var field = type.getField(key);
        String value = params.getParam(key);
        if (field.getType() == int.class) {
          field.setInt(benchmark, Integer.parseInt(value));
        } else if (field.getType() == String.class) {
          field.set(benchmark, value);
        }
      }
      return (Work) benchmark;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static double unitSeconds(String unit) {
    return switch (unit) {
      case "s/op" -> 1;
      case "ms/op" -> 1e-3;
      case "us/op" -> 1e-6;
      case "ns/op" -> 1e-9;
      default -> Double.NaN; // rates are shown as they are
    };
  }

  private static String percent(double ratio) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * ratio);
  }

  /** Three digits or more. */
  static String number(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
