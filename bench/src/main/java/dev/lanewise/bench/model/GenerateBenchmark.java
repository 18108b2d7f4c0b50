package dev.lanewise.bench.model;

import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextGenerator;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.kernels.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * Reading a prompt, and reading it and going on for some tokens. What a step costs after a prompt
 * of this length is the counter {@code decodeTokensPerSecond}; the prompt alone is {@code prefill}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
public class GenerateBenchmark {

  /** Shape of the model. */
  @Param("gpt2")
  public String model = "gpt2";

  /** Length of the prompt. */
  @Param("512")
  public int prompt = 512;

  /** Tokens that {@code decode} makes. */
  @Param("64")
  public int newTokens = 64;

  /** Threads that share one call. */
  @Param({"1", "2"})
  public int threads = 1;

  private TextGenerator generator;
  private int[] ids;

  /** Called by the harness. */
  public GenerateBenchmark() {}

  /** Speed of the steps after the prompt, of one iteration. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Steps {
    private long tokens;
    private long nanos;

    /** Called by the harness. */
    public Steps() {}

    /** Forgets the iteration before. */
    @Setup(Level.Iteration)
    public void clear() {
      tokens = 0;
      nanos = 0;
    }

    /**
     * The counter.
     *
     * @return tokens a second
     */
    public double decodeTokensPerSecond() {
      return tokens / (nanos / 1e9);
    }

    private void add(Generation generation) {
      tokens += generation.tokens().size();
      nanos += generation.generateNanos();
    }
  }

  /** Opens the model and checks some tokens. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    GptShape shape = GptShape.of(model);
    Path folder = RandomCheckpoint.languageModel(ModelFolders.work(), shape);
    generator = TextGenerator.open(folder, ModelOptions.defaults().withThreads(threads));
    ids = ModelFolders.ids(1, prompt, shape.vocabSize());
    int[] some = ModelFolders.ids(2, 9, shape.vocabSize());
    ModelOptions scalar = ModelOptions.defaults().withThreads(1).withKernels(Kernels.scalar());
    try (TextGenerator reference = TextGenerator.open(folder, scalar)) {
      Generation expected = generate(reference, some, 4);
      Generation found = generate(generator, some, 4);
      if (!expected.tokens().equals(found.tokens())) {
        throw new AssertionError(
            "generated %s, expected %s".formatted(found.tokens(), expected.tokens()));
      }
    }
  }

  private static Generation generate(TextGenerator generator, int[] ids, int tokens) {
    return generator.generate(ids, GenerationOptions.greedy().withMaxTokens(tokens), piece -> true);
  }

  /**
   * The prompt and its first new token.
   *
   * @return the answer
   */
  @Benchmark
  public Generation prefill() {
    return generate(generator, ids, 1);
  }

  /**
   * The prompt and {@link #newTokens} tokens.
   *
   * @return the answer
   */
  @Benchmark
  public Generation decode(Steps steps) {
    Generation generation = generate(generator, ids, newTokens);
    steps.add(generation);
    return generation;
  }

  /** Closes the model. */
  @TearDown(Level.Trial)
  public void tearDown() {
    generator.close();
  }
}
