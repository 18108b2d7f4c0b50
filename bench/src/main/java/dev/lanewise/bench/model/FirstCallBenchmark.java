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
 * The first call after opening, in a JVM that has done nothing else: interpreter, class loading and
 * page faults included. Each fork is one measurement.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(10)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class FirstCallBenchmark {

  /** Shape of the model. */
  @Param("gpt2")
  public String model = "gpt2";

  /** Length of the text. */
  @Param("32")
  public int tokens = 32;

  private Path folder;
  private TextClassifier classifier;
  private int[] ids;

  /** Called by the harness. */
  public FirstCallBenchmark() {}

  /** Opens the model and calls nothing. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    GptShape shape = GptShape.of(model);
    folder = RandomCheckpoint.classifier(ModelFolders.work(), shape);
    classifier = TextClassifier.open(folder, ModelOptions.defaults().withThreads(1));
    ids = ModelFolders.ids(1, tokens, shape.vocabSize());
  }

  /**
   * The first call.
   *
   * @return the answer
   */
  @Benchmark
  public Classification firstCall() {
    return classifier.classify(ids);
  }

  /**
   * {@link TextClassifier#warmUp}.
   *
   * @return the model
   */
  @Benchmark
  public TextClassifier warmUp() {
    classifier.warmUp();
    return classifier;
  }

  /** Checks the answer, which could not be done before, and closes the model. */
  @TearDown(Level.Trial)
  public void tearDown() throws IOException {
    SameBits.check(classifier, folder, ids);
    classifier.close();
  }
}
