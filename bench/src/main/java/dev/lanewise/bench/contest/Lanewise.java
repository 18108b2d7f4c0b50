package dev.lanewise.bench.contest;

import dev.lanewise.Classification;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextGenerator;
import dev.lanewise.Tokenizer;
import dev.lanewise.WeightType;
import dev.lanewise.bench.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** This project. */
public final class Lanewise {

  private Lanewise() {}

  private static final String WEIGHTS = "lanewise.bench.weights";

  /** Flags of its JVM, those of the command. */
  public static String[] flags() {
    return flags(WeightType.STORED);
  }

  /** Flags of its JVM, with matrices of this type. */
  public static String[] flags(WeightType weights) {
    return Stream.concat(
            Stream.of(ContestantProcess.VECTOR_FLAG, "-D" + WEIGHTS + "=" + weights),
            ContestantProcess.SMALL_HEAP.stream())
        .toArray(String[]::new);
  }

  private static ModelOptions options(int threads) {
    return ModelOptions.defaults()
        .withThreads(threads)
        .withWeights(WeightType.valueOf(System.getProperty(WEIGHTS, "STORED")));
  }

  private static String describe(Object backend) {
    return "Lanewise " + Machine.current().lanewise() + ", " + backend;
  }

  /** Opens a {@link TextClassifier}. */
  public static final class Classify implements Contestant.Opener {

    /** Called by name. */
    public Classify() {}

    @Override
    public Contestant open(Path model, int threads) throws IOException {
      TextClassifier classifier = TextClassifier.open(model, options(threads));
      return new Contestant.Classifier() {
        @Override
        public float[] logits(int[] ids) {
          Classification classification = classifier.classify(ids);
          float[] logits = new float[classification.scores().size()];
          for (LabelScore score : classification.scores()) {
            logits[score.labelId()] = score.logit();
          }
          return logits;
        }

        @Override
        public String version() {
          return describe(classifier.backend());
        }

        @Override
        public void close() {
          classifier.close();
        }
      };
    }
  }

  /** Opens a {@link TextGenerator}. */
  public static final class Generate implements Contestant.Opener {

    /** Called by name. */
    public Generate() {}

    @Override
    public Contestant open(Path model, int threads) throws IOException {
      TextGenerator generator = TextGenerator.open(model, options(threads));
      return new Contestant.Generator() {
        @Override
        public Contestant.Continuation generate(String prompt, int[] ids, int newTokens) {
          return timed(generator, ids, newTokens);
        }

        @Override
        public String version() {
          return describe(generator.backend());
        }

        @Override
        public void close() {
          generator.close();
        }
      };
    }
  }

  /**
   * The runtime's clock ends the prompt before the logits of its last token. So that no contestant
   * is timed more strictly, one step is added to the prompt and none taken from the rest.
   */
  private static Contestant.Continuation timed(TextGenerator generator, int[] ids, int newTokens) {
    Generation generation =
        generator.generate(ids, GenerationOptions.greedy().withMaxTokens(newTokens), piece -> true);
    int made = generation.tokens().size();
    return new Contestant.Continuation(
        generation.text(),
        generation.tokens(),
        ids.length,
        made,
        generation.promptNanos() + generation.generateNanos() / made,
        generation.generateNanos());
  }

  /** Opens a {@link Tokenizer}. */
  public static final class Encode implements Contestant.Opener {

    /** Called by name. */
    public Encode() {}

    @Override
    public Contestant open(Path model, int threads) throws IOException {
      Tokenizer tokenizer = Tokenizer.open(model);
      return new Contestant.Encoder() {
        @Override
        public int[] encode(String text) {
          return tokenizer.encode(text, Tokenizer.Specials.TEXT, false);
        }

        @Override
        public String version() {
          return "Lanewise " + Machine.current().lanewise();
        }

        @Override
        public void close() {}
      };
    }
  }
}
