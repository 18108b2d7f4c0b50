package dev.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BenchmarksJarIT {

  @Test
  void listsItsBenchmarks() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                "target/benchmarks.jar",
                "-l")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains(
            "dev.lanewise.bench.kernel.AttentionBenchmark.attention",
            "dev.lanewise.bench.kernel.GeluBenchmark.gelu",
            "dev.lanewise.bench.kernel.LayerNormBenchmark.layerNorm",
            "dev.lanewise.bench.kernel.LogitsBenchmark.logits",
            "dev.lanewise.bench.kernel.MatmulBenchmark.matmul",
            "dev.lanewise.bench.kernel.SoftmaxBenchmark.softmax",
            "dev.lanewise.bench.model.ClassifyBenchmark.classify",
            "dev.lanewise.bench.model.FirstCallBenchmark.firstCall",
            "dev.lanewise.bench.model.FirstCallBenchmark.warmUp",
            "dev.lanewise.bench.model.GenerateBenchmark.decode",
            "dev.lanewise.bench.model.GenerateBenchmark.prefill",
            "dev.lanewise.bench.model.OpenBenchmark.open",
            "dev.lanewise.bench.model.TokenizeBenchmark.encode");
  }
}
