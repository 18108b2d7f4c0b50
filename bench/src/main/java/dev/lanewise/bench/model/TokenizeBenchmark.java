package dev.lanewise.bench.model;

import dev.lanewise.Tokenizer;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.kernel.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

/** Text to ids: a text of 128 tokens, and a long document. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class TokenizeBenchmark implements Work {

  /** Whose vocabulary. */
  @Param({"gpt2", "gpt1"})
  public String model = "gpt2";

  /** A text of 128 tokens, or of 1,000,000 characters. */
  @Param({"128-tokens", "1M-characters"})
  public String document = "128-tokens";

  private Tokenizer tokenizer;
  private String text;

  /** Called by the harness. */
  public TokenizeBenchmark() {}

  /** Reads the vocabulary, makes the text and checks that its ids stand for it. */
  @Setup(Level.Trial)
  public void setUp() throws IOException {
    prepare();
    int[] ids = encode();
    String decoded = tokenizer.decode(ids, false);
    // GPT-1 puts a space around punctuation, so that its texts come back changed but equal in ids.
    int[] again = tokenizer.encode(decoded, Tokenizer.Specials.TEXT, false);
    if (!Arrays.equals(ids, again) || (model.equals("gpt2") && !decoded.equals(text))) {
      throw new AssertionError("the ids stand for another text");
    }
  }

  private void prepare() throws IOException {
    tokenizer = Tokenizer.open(RandomCheckpoint.tokenizer(ModelFolders.work(), GptShape.of(model)));
    SampleText sample = new SampleText(tokenizer);
    text = document.equals("128-tokens") ? sample.ofTokens(1, 128) : sample.ofLength(1, 1_000_000);
  }

  /**
   * One text.
   *
   * @return its ids
   */
  @Benchmark
  public int[] encode() {
    return tokenizer.encode(text, Tokenizer.Specials.TEXT, false);
  }

  @Override
  public double flops() {
    return 0;
  }

  /** Bytes of the text, as UTF-8. */
  @Override
  public double readBytes() {
    try {
      prepare();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
