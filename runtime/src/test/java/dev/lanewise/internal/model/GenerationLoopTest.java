package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.ContextLengthException;
import dev.lanewise.FinishReason;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GenerationLoopTest {

  private static TextGenerator generator;
  private static TextGenerator withoutTokenizer;

  @BeforeAll
  static void open() throws IOException {
    generator =
        TextGenerator.open(
            Path.of("..", "models", "tiny-gpt1-lm"), ModelOptions.defaults().withThreads(1));
    withoutTokenizer = TextGenerator.open(Path.of("src/test/resources/models/gpt2-lm-variants"));
  }

  @AfterAll
  static void close() {
    generator.close();
    withoutTokenizer.close();
  }

  private static Generation generate(int[] prompt, GenerationOptions options) {
    return withoutTokenizer.generate(prompt, options, piece -> true);
  }

  private static int[] ids(int count) {
    return IntStream.range(0, count).map(i -> (7 * i + 1) % 61).toArray();
  }

  @Test
  void endsAtTheNumberOfTokensAskedFor() {
    Generation generation =
        generator.generate("it was", GenerationOptions.greedy().withMaxTokens(5));
    assertThat(generation.tokens()).hasSize(5);
    assertThat(generation.finishReason()).isEqualTo(FinishReason.LENGTH);
    Generation none = generator.generate("it was", GenerationOptions.greedy().withMaxTokens(0));
    assertThat(none.tokens()).isEmpty();
    assertThat(none.text()).isEmpty();
  }

  /** The token after the last position can be named, but nothing can follow it. */
  @Test
  void endsWhenTheContextIsFull() {
    GenerationOptions options =
        GenerationOptions.sampling().withSeed(1).withMaxTokens(Integer.MAX_VALUE);
    for (int length : new int[] {30, 31, 32}) {
      Generation generation = generate(ids(length), options);
      if (generation.finishReason() != FinishReason.EOS) {
        assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT);
        assertThat(generation.tokens()).hasSize(32 - length + 1);
      }
    }
    Generation long1 = generate(ids(3), options);
    assertThat(long1.tokens()).hasSizeLessThanOrEqualTo(30);
    assertThatThrownBy(() -> generate(ids(33), options)).isInstanceOf(ContextLengthException.class);
  }

  @Test
  void repeatsASeedAndReportsTheOneItDrew() {
    GenerationOptions options = GenerationOptions.sampling().withTopK(40).withMaxTokens(12);
    Generation free = generator.generate("the old man", options);
    Generation again =
        generator.generate("the old man", options.withSeed(free.seed().orElseThrow()));
    assertThat(again.tokens()).isEqualTo(free.tokens());
    assertThat(again.text()).isEqualTo(free.text());
    List<List<Integer>> others =
        IntStream.range(0, 5)
            .mapToObj(seed -> generator.generate("the old man", options.withSeed(seed)).tokens())
            .distinct()
            .toList();
    assertThat(others).hasSizeGreaterThan(1);
    assertThat(generator.generate("the", GenerationOptions.greedy()).seed()).isEmpty();
  }

  @Test
  void givesTheSameTextForEveryNumberOfThreads() throws IOException {
    GenerationOptions options =
        GenerationOptions.sampling()
            .withSeed(9)
            .withTopP(0.95)
            .withTypicalP(0.9)
            .withRepetitionPenalty(1.2)
            .withFrequencyPenalty(0.3)
            .withMaxTokens(30);
    String expected = generator.generate("the old man", options).text();
    for (int threads : new int[] {1, 2, 8}) {
      try (TextGenerator other =
          TextGenerator.open(
              Path.of("..", "models", "tiny-gpt1-lm"),
              ModelOptions.defaults().withThreads(threads))) {
        assertThat(other.generate("the old man", options).text()).isEqualTo(expected);
      }
    }
  }

  @Test
  void stopsAtAStopIdAndLeavesItOut() {
    GenerationOptions options = GenerationOptions.greedy().withMaxTokens(20);
    List<Integer> tokens = generator.generate("it was", options).tokens();
    int stop = tokens.get(7);
    Generation stopped = generator.generate("it was", options.withStopIds(List.of(stop, 1)));
    assertThat(stopped.tokens()).isEqualTo(tokens.subList(0, tokens.indexOf(stop)));
    assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(stopped.stopId()).hasValue(stop);
    assertThat(generator.generate("it was", options).stopId()).isEmpty();
    assertThatThrownBy(() -> generator.generate("it was", options.withStopIds(List.of(8000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stop id 8000 is out of range, the vocabulary has 0 to 7999");
  }

  @Test
  void honoursBansAndPenaltiesWhenGreedy() {
    GenerationOptions options = GenerationOptions.greedy().withMaxTokens(40);
    List<Integer> plain = generator.generate("it was", options).tokens();
    List<Integer> without =
        generator.generate("it was", options.withBannedIds(List.of(plain.getFirst()))).tokens();
    assertThat(without).doesNotContain(plain.getFirst());
    Generation once = generator.generate("it was", options.withNoRepeatNgram(1));
    assertThat(once.tokens())
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(once.promptTokens());
    int wanted = 4321;
    assertThat(
            generator
                .generate("it was", options.withLogitBias(Map.of(wanted, 1000.0)).withMaxTokens(3))
                .tokens())
        .containsExactly(wanted, wanted, wanted);
  }

  @Test
  void stopsWhenTheListenerSaysSo() {
    StringBuilder heard = new StringBuilder();
    Generation generation =
        generator.generate(
            "it was",
            GenerationOptions.greedy(),
            piece -> {
              heard.append(piece);
              return heard.length() < 10;
            });
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(generation.text()).hasToString(heard.toString()).hasSizeGreaterThanOrEqualTo(10);
    assertThat(generation.tokens()).hasSizeLessThan(64);
  }

  @Test
  void stopsWhenTheThreadIsInterruptedAndLeavesTheFlag() {
    Thread.currentThread().interrupt();
    Generation generation = generator.generate("it was", GenerationOptions.greedy());
    assertThat(Thread.interrupted()).isTrue();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(generation.tokens()).isEmpty();
  }

  @Test
  void generatesIdsWithoutATokenizer() {
    Generation generation = generate(ids(4), GenerationOptions.greedy().withMaxTokens(3));
    assertThat(generation.text()).isEmpty();
    assertThatThrownBy(() -> withoutTokenizer.generate("text", GenerationOptions.greedy()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tokenizer.json");
  }
}
