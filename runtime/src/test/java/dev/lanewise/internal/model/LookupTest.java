package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextGenerator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Guessed tokens: they change how many passes there are, and nothing else. */
class LookupTest {

  private static int[] draft(int length, int... ids) {
    int[] draft = new int[length];
    return Arrays.copyOf(draft, new NgramDrafter().draft(ids, ids.length, draft));
  }

  @Test
  void guessesWhatFollowedTheLastTime() {
    assertThat(draft(3, 1, 2, 3, 4, 5, 1, 2)).containsExactly(3, 4, 5);
    assertThat(draft(9, 1, 2, 3, 1, 2)).containsExactly(3, 1, 2);
    // The longer of two places, though the shorter is nearer.
    assertThat(draft(1, 1, 2, 3, 8, 2, 3, 9, 1, 2, 3)).containsExactly(8);
    // Of equal ones the nearer.
    assertThat(draft(1, 2, 3, 8, 2, 3, 9, 2, 3)).containsExactly(9);
    assertThat(draft(4, 7, 7, 7, 7)).containsExactly(7);
    assertThat(draft(4, 1, 2, 3, 4, 1)).isEmpty(); // one token is no reason
    assertThat(draft(4, 1)).isEmpty();
    assertThat(draft(0, 1, 2, 1, 2)).isEmpty();
  }

  @Test
  void givesTheSameTextOver200Prompts() throws IOException {
    Random random = new Random(5);
    try (TextGenerator generator =
        TextGenerator.open(
            Path.of("..", "models", "tiny-gpt1-lm"), ModelOptions.defaults().withThreads(1))) {
      for (int i = 0; i < 200; i++) {
        int[] prompt = new int[4 + random.nextInt(30)];
        int period = 1 + random.nextInt(12); // repeats itself, so that there is something to guess
        for (int k = 0; k < prompt.length; k++) {
          prompt[k] = k < period ? random.nextInt(8000) : prompt[k - period];
        }
        GenerationOptions options =
            (i % 2 == 0
                    ? GenerationOptions.greedy()
                    : GenerationOptions.sampling().withTopK(3).withSeed(i))
                .withMaxTokens(10);
        Generation plain = generator.generate(prompt, options, piece -> true);
        Generation guessed =
            generator.generate(prompt, options.withLookup(1 + i % 12), piece -> true);
        assertThat(guessed.tokens()).as("prompt %d", i).isEqualTo(plain.tokens());
        assertThat(guessed.text()).isEqualTo(plain.text());
        assertThat(guessed.finishReason()).isEqualTo(plain.finishReason());
      }
    }
  }

  @Test
  void guessesNoFurtherThanTheContext() throws IOException {
    Path model = Path.of("src/test/resources/models/gpt2-lm-variants");
    try (TextGenerator generator = TextGenerator.open(model)) {
      int[] prompt = new int[28];
      Arrays.setAll(prompt, i -> i % 3 + 1);
      GenerationOptions options = GenerationOptions.greedy().withMaxTokens(100);
      Generation plain = generator.generate(prompt, options, piece -> true);
      for (int lookup : new int[] {1, 5, 64}) {
        Generation guessed = generator.generate(prompt, options.withLookup(lookup), piece -> true);
        assertThat(guessed.tokens()).isEqualTo(plain.tokens());
        assertThat(guessed.finishReason()).isEqualTo(plain.finishReason());
      }
    }
  }

  @Test
  void guessesNoFurtherThanTheTokensAskedFor() throws IOException {
    try (TextGenerator generator =
        TextGenerator.open(
            Path.of("..", "models", "tiny-gpt1-lm"), ModelOptions.defaults().withThreads(1))) {
      for (int length = 180; length < 200; length++) { // 192: blocks of keys and values end there
        int[] prompt = new int[length];
        Arrays.setAll(prompt, i -> i % 5 + 1);
        GenerationOptions options = GenerationOptions.greedy().withMaxTokens(3);
        Generation plain = generator.generate(prompt, options, piece -> true);
        Generation guessed = generator.generate(prompt, options.withLookup(20), piece -> true);
        assertThat(guessed.tokens()).isEqualTo(plain.tokens());
      }
    }
  }

  /** One pass where all guesses are right, and a pass for each wrong one. */
  @Test
  void needsFewerPassesWhereTheGuessesAreRight() throws IOException {
    try (TextGenerator generator =
        TextGenerator.open(
            Path.of("..", "models", "tiny-gpt1-lm"), ModelOptions.defaults().withThreads(1))) {
      int[] prompt = {11, 12, 13};
      int[] truth =
          generator
              .generate(prompt, GenerationOptions.greedy().withMaxTokens(12), piece -> true)
              .tokens()
              .stream()
              .mapToInt(id -> id)
              .toArray();
      assertThat(passes(prompt, truth, 4, 0)).isEqualTo(3); // 12 tokens: 1 + 4 in each pass
      assertThat(passes(prompt, truth, 4, 1)).isEqualTo(12);
    }
  }

  private static int passes(int[] prompt, int[] truth, int guesses, int error) throws IOException {
    int[] passes = new int[1];
    Drafter oracle =
        (ids, length, draft) -> {
          passes[0]++;
          int count = 0;
          for (int at = length - prompt.length; count < draft.length && at < truth.length; at++) {
            draft[count++] = truth[at] + error;
          }
          return count;
        };
    try (LoadedModel model =
        LoadedModel.open(Path.of("..", "models", "tiny-gpt1-lm"), ModelOptions.defaults(), 1)) {
      model.call(
          forward -> {
            forward.begin(64, true);
            LogitFeed feed = new LogitFeed(forward, model.config(), prompt, 64, oracle, guesses);
            for (int id : truth) {
              float[] logits = new float[model.config().vocabSize()];
              MemorySegment.copy(feed.next(), OutputHead.FLOAT, 0, logits, 0, logits.length);
              int best = 0;
              for (int k = 1; k < logits.length; k++) {
                best = logits[k] > logits[best] ? k : best;
              }
              assertThat(best).isEqualTo(id);
              feed.add(id);
            }
          });
    }
    return passes[0];
  }

  @Test
  void refusesNumbersOutOfRange() {
    for (int lookup : new int[] {-1, 65, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> GenerationOptions.greedy().withLookup(lookup))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
