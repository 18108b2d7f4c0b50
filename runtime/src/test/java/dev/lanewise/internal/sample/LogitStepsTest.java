package dev.lanewise.internal.sample;

import static java.lang.Double.NEGATIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.GenerationOptions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each step against numbers worked out by hand. */
class LogitStepsTest {

  private static final GenerationOptions GREEDY = GenerationOptions.greedy();

  private static double[] apply(
      GenerationOptions options, double[] scores, int promptLength, int... ids) {
    double[] changed = scores.clone();
    for (int twice = 0; twice < 2; twice++) {
      changed = scores.clone(); // a step keeps nothing for the next call
      for (LogitStep step : LogitSteps.of(options, promptLength, scores.length)) {
        step.apply(changed, ids, ids.length);
      }
    }
    return changed;
  }

  @Test
  void dividesPositiveAndMultipliesNegativeScoresOnceForEachDistinctId() {
    double[] scores = {3, -3, 0, 1.5, -1.5};
    assertThat(apply(GREEDY.withRepetitionPenalty(1.5), scores, 2, 0, 1, 1, 0, 2, 4))
        .containsExactly(2, -4.5, 0, 1.5, -2.25);
    assertThat(apply(GREEDY.withRepetitionPenalty(0.5), scores, 2, 0, 1))
        .containsExactly(6, -1.5, 0, 1.5, -1.5);
  }

  @Test
  void subtractsPresenceOnceAndFrequencyForEachTimeAndLeavesThePromptAlone() {
    double[] scores = {1, 1, 1, 1};
    GenerationOptions options = GREEDY.withPresencePenalty(0.5).withFrequencyPenalty(0.25);
    assertThat(apply(options, scores, 2, 0, 1, 1, 2, 2, 2)).containsExactly(1, 0.25, -0.25, 1);
    assertThat(apply(options, scores, 6, 0, 1, 1, 2, 2, 2)).containsExactly(1, 1, 1, 1);
    assertThat(apply(GREEDY.withFrequencyPenalty(-2), scores, 0, 3, 3)).containsExactly(1, 1, 1, 5);
  }

  @Test
  void excludesWhatWouldRepeatAnNgram() {
    double[] scores = {1, 2, 3, 4};
    assertThat(apply(GREEDY.withNoRepeatNgram(2), scores, 1, 0, 1, 0, 2, 0))
        .containsExactly(1, NEGATIVE_INFINITY, NEGATIVE_INFINITY, 4);
    assertThat(apply(GREEDY.withNoRepeatNgram(3), scores, 1, 0, 1, 2, 3, 0, 1))
        .containsExactly(1, 2, NEGATIVE_INFINITY, 4);
    assertThat(apply(GREEDY.withNoRepeatNgram(1), scores, 2, 3, 0))
        .containsExactly(NEGATIVE_INFINITY, 2, 3, NEGATIVE_INFINITY);
    assertThat(apply(GREEDY.withNoRepeatNgram(3), scores, 1, 0, 1)).containsExactly(scores);
    assertThat(apply(GREEDY.withNoRepeatNgram(Integer.MAX_VALUE), scores, 1, 0, 1))
        .containsExactly(scores);
    assertThat(apply(GREEDY.withNoRepeatNgram(2), scores, 1, 1, 1))
        .containsExactly(1, NEGATIVE_INFINITY, 3, 4);
  }

  @Test
  void addsBiasBeforeThePenaltyAndBansLast() {
    double[] scores = {1, 1, 1};
    GenerationOptions options =
        GREEDY
            .withLogitBias(Map.of(0, 1.0, 1, -3.0, 2, 100.0))
            .withRepetitionPenalty(2)
            .withBannedIds(Set.of(2));
    assertThat(apply(options, scores, 0, 0, 1, 2)).containsExactly(1, -4, NEGATIVE_INFINITY);
  }

  @Test
  void hasNoStepsWhereNothingIsAsked() {
    assertThat(LogitSteps.of(GREEDY, 3, 10)).isEmpty();
    assertThat(LogitSteps.of(GenerationOptions.sampling().withTopP(0.5).withSeed(3), 3, 10))
        .isEmpty();
  }

  @Test
  void refusesIdsThatTheVocabularyDoesNotHave() {
    for (GenerationOptions options :
        new GenerationOptions[] {
          GREEDY.withBannedIds(Set.of(10)),
          GREEDY.withStopIds(Set.of(10)),
          GREEDY.withLogitBias(Map.of(10, 1.0))
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LogitSteps.of(options, 0, 10))
          .withMessageContaining("10 is out of range, the vocabulary has 0 to 9");
    }
  }
}
