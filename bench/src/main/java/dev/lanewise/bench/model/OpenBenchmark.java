package dev.lanewise.bench.model;

import dev.lanewise.TextClassifier;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Opening a classifier and closing it, the file in the system's cache, nothing classified. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class OpenBenchmark {

  /** Shape of the model. */
  @Param({"gpt2", "gpt1"})
  public String model = "gpt2";

  private Path folder;

  /** Called by the harness. */
  public OpenBenchmark() {}

  /** Writes the model if need be and checks that it answers. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    folder = RandomCheckpoint.classifier(ModelFolders.work(), GptShape.of(model));
    try (TextClassifier classifier = TextClassifier.open(folder)) {
      SameBits.check(classifier, folder, new int[] {1, 2, 3});
    }
  }

  /**
   * Opens and closes.
   *
   * @return number of labels
   * @throws IOException if the model can't be read
   */
  @Benchmark
  public int open() throws IOException {
    try (TextClassifier classifier = TextClassifier.open(folder)) {
      return classifier.labels().size();
    }
  }
}
