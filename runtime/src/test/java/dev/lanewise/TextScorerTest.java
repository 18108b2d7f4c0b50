package dev.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.AnswerScore.By;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers and long texts, against scores of single texts, which the fixtures hold. */
class TextScorerTest {

  private static TextScorer scorer;

  @BeforeAll
  static void open() throws IOException {
    scorer =
        TextScorer.open(
            Path.of("..", "models", "tiny-gpt1-lm"), ModelOptions.defaults().withThreads(1));
  }

  @AfterAll
  static void close() {
    scorer.close();
  }

  private static double sum(Score score) {
    return score.tokens().stream().mapToDouble(t -> t.logProb().orElse(0)).sum();
  }

  @Test
  void ranksAnswersByWhatEachScoresAlone() {
    String context = "the old man went";
    List<String> answers = List.of("home", "to the sea", "home and slept", "zebra");
    List<AnswerScore> ranked = scorer.rank(context, answers, By.SUM);
    assertThat(ranked).hasSize(4);
    double total = 0;
    for (AnswerScore answer : ranked) {
      assertThat(answer.text()).isEqualTo(answers.get(answer.index()));
      Score alone = scorer.score(context, " " + answer.text());
      assertThat(answer.logProb()).isEqualTo(sum(alone)); // the same bits, prefix shared or not
      assertThat(answer.tokens()).isEqualTo(alone.tokens().size());
      total += answer.probability();
    }
    assertThat(total).isCloseTo(1, within(1e-12));
    for (int i = 1; i < 4; i++) {
      assertThat(ranked.get(i).logProb()).isLessThanOrEqualTo(ranked.get(i - 1).logProb());
      assertThat(Math.log(ranked.get(i).probability() / ranked.get(0).probability()))
          .isCloseTo(ranked.get(i).logProb() - ranked.get(0).logProb(), within(1e-9));
    }
    List<AnswerScore> byToken = scorer.rank(context, answers, By.PER_TOKEN);
    for (int i = 1; i < 4; i++) {
      assertThat(byToken.get(i).logProbPerToken())
          .isLessThanOrEqualTo(byToken.get(i - 1).logProbPerToken());
    }
  }

  @Test
  void putsOneSpaceBetweenContextAndAnswer() {
    double expected = scorer.rank("he said", List.of("yes"), By.SUM).getFirst().logProb();
    assertThat(scorer.rank("he said ", List.of("yes"), By.SUM).getFirst().logProb())
        .isEqualTo(expected);
    assertThat(scorer.rank("he said", List.of(" yes"), By.SUM).getFirst().logProb())
        .isEqualTo(expected);
  }

  @Test
  void keepsEqualAnswersInTheirOrder() {
    List<AnswerScore> ranked = scorer.rank("he said", List.of("yes", "yes"), By.SUM);
    assertThat(ranked).extracting(AnswerScore::index).containsExactly(0, 1);
    assertThat(ranked.getFirst().probability()).isEqualTo(0.5);
  }

  @Test
  void refusesAnswersThatCannotBeScored() {
    assertThatThrownBy(() -> scorer.rank("he said", List.of(), By.SUM))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scorer.rank("he said", List.of("a", ""), By.SUM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("answer 2 is empty");
    assertThatThrownBy(() -> scorer.rank("", List.of("a"), By.SUM))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scorer.rank("he said", List.of("  "), By.SUM))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> scorer.rank("he said", List.of("no ".repeat(400)), By.SUM))
        .isInstanceOf(ContextLengthException.class);
  }

  /** Written out: which window scores a token, and from where that window reads. */
  @ParameterizedTest
  @ValueSource(ints = {60, 128, 255})
  void scoresALongTextInWindows(int stride) {
    int context = scorer.config().nPositions();
    String text = "it was the best of times and it was the worst of times ".repeat(24);
    int[] ids = scorer.tokenizer().encode(text);
    assertThat(ids.length).isBetween(context + 20, 2 * context);
    List<Integer> done = new ArrayList<>();
    Perplexity whole = scorer.perplexity(text, stride, done::add);
    double expected = sum(scorer.score(Arrays.copyOf(ids, context)));
    int scored = context;
    int windows = 1;
    for (int start = stride; scored < ids.length; start += stride) {
      int end = Math.min(ids.length, start + context);
      List<TokenScore> window = scorer.score(Arrays.copyOfRange(ids, start, end)).tokens();
      for (; scored < end; scored++) {
        expected += window.get(scored - start).logProb().orElseThrow();
      }
      windows++;
    }
    assertThat(whole.logProb()).isCloseTo(expected, within(1e-9));
    assertThat(whole.scored()).isEqualTo(ids.length - 1);
    assertThat(whole.windows()).isEqualTo(windows).isEqualTo(done.size());
    assertThat(done.getLast()).isEqualTo(ids.length);
    assertThat(whole.perplexity()).isCloseTo(Math.exp(-expected / (ids.length - 1)), within(1e-9));
  }

  @Test
  void scoresAShortTextAsItIs() {
    Perplexity whole = scorer.perplexity("it was", 10, done -> {});
    Score score = scorer.score("it was");
    assertThat(whole.logProb()).isEqualTo(score.logProb());
    assertThat(whole.perplexity()).isEqualTo(score.perplexity());
    assertThat(scorer.perplexity("it", 10, done -> {}).perplexity()).isNaN();
    for (int stride : new int[] {-1, 0, 256, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> scorer.perplexity("it was", stride, done -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> scorer.perplexity(" ", 10, done -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
