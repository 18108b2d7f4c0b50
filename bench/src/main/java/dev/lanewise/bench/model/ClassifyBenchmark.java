package dev.lanewise.bench.model;

import dev.lanewise.Classification;
import dev.lanewise.ModelOptions;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One text classified, given as ids. With {@code -t 2} two callers share the model, each with a
 * text of its own: what a service does.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class ClassifyBenchmark {

  /** Shape of the model. */
  @Param({"gpt2", "gpt1"})
  public String model = "gpt2";

  /** Length of the text. */
  @Param({"32", "128", "512"})
  public int tokens = 32;

  /** Threads that share one call. */
  @Param({"1", "2"})
  public int threads = 1;

  private TextClassifier classifier;
  private int[] ids;

  /** Called by the harness. */
  public ClassifyBenchmark() {}

  /** Opens the model and checks its answer to a short text. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    GptShape shape = GptShape.of(model);
    Path folder = RandomCheckpoint.classifier(ModelFolders.work(), shape);
    classifier = TextClassifier.open(folder, ModelOptions.defaults().withThreads(threads));
    ids = ModelFolders.ids(1, tokens, shape.vocabSize());
    SameBits.check(classifier, folder, ModelFolders.ids(2, 19, shape.vocabSize()));
  }

  /**
   * One call.
   *
   * @return the answer
   */
  @Benchmark
  public Classification classify() {
    return classifier.classify(ids);
  }

  /** Closes the model. */
  @TearDown(Level.Trial)
  public void tearDown() {
    classifier.close();
  }
}
