package dev.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class GenerationOptionsTest {

  private static final GenerationOptions GREEDY = GenerationOptions.greedy();

  private static final double[] VALUES = {
    -1, 0, 1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0x1p31, 1e99, 1e-99
  };

  private static void check(
      String name, BiFunction<GenerationOptions, Double, GenerationOptions> with, double... good) {
    for (double value : VALUES) {
      boolean fine = java.util.Arrays.stream(good).anyMatch(g -> g == value);
      if (fine) {
        assertThat(with.apply(GREEDY, value)).as("%s %s", name, value).isNotNull();
      } else {
        assertThatIllegalArgumentException()
            .as("%s %s", name, value)
            .isThrownBy(() -> with.apply(GREEDY, value))
            .withMessageStartingWith(name)
            .withMessageContaining(" from ")
            .withMessageEndingWith("found " + value);
      }
    }
  }

  @Test
  void refusesNumbersThatMakeNoSense() {
    check("temperature", GenerationOptions::withTemperature, 0, 1, 0x1p31, 1e-99);
    check("topP", GenerationOptions::withTopP, 0, 1, 1e-99);
    check("minP", GenerationOptions::withMinP, 0, 1, 1e-99);
    check("typicalP", GenerationOptions::withTypicalP, 0, 1, 1e-99);
    check("repetitionPenalty", GenerationOptions::withRepetitionPenalty, 1, 0x1p31);
    check("presencePenalty", GenerationOptions::withPresencePenalty, -1, 0, 1, 1e-99);
    check("frequencyPenalty", GenerationOptions::withFrequencyPenalty, -1, 0, 1, 1e-99);
    check("logitBias of id 3", (o, v) -> o.withLogitBias(Map.of(3, v)), -1, 0, 1, 0x1p31, 1e-99);
  }

  @Test
  void refusesNegativeIntegers() {
    for (int bad : new int[] {-1, Integer.MIN_VALUE}) {
      assertThatIllegalArgumentException().isThrownBy(() -> GREEDY.withMaxTokens(bad));
      assertThatIllegalArgumentException().isThrownBy(() -> GREEDY.withTopK(bad));
      assertThatIllegalArgumentException().isThrownBy(() -> GREEDY.withNoRepeatNgram(bad));
      assertThatIllegalArgumentException().isThrownBy(() -> GREEDY.withLookup(bad));
      assertThatIllegalArgumentException().isThrownBy(() -> GREEDY.withBannedIds(Set.of(bad)));
      assertThatIllegalArgumentException().isThrownBy(() -> GREEDY.withStopIds(Set.of(bad)));
      assertThatIllegalArgumentException().isThrownBy(() -> GREEDY.withLogitBias(Map.of(bad, 1.0)));
    }
    assertThat(GREEDY.withMaxTokens(Integer.MAX_VALUE).withTopK(Integer.MAX_VALUE).topK())
        .isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void keepsWhatItWasGiven() {
    Map<Integer, Double> biases = new HashMap<>(Map.of(1, 2.0));
    GenerationOptions options =
        GenerationOptions.sampling()
            .withMaxTokens(5)
            .withTopK(6)
            .withTopP(0.7)
            .withMinP(0.1)
            .withTypicalP(0.8)
            .withRepetitionPenalty(1.3)
            .withPresencePenalty(-0.5)
            .withFrequencyPenalty(0.25)
            .withNoRepeatNgram(4)
            .withLogitBias(biases)
            .withBannedIds(List.of(7))
            .withStopIds(List.of(8, 9))
            .withStopStrings(List.of("\n", "end"))
            .withLookup(5)
            .withSeed(-3);
    biases.put(1, 5.0);
    assertThat(options.toString())
        .isEqualTo(
            "GenerationOptions[maxTokens=5, temperature=1.0, topK=6, topP=0.7, minP=0.1,"
                + " typicalP=0.8, repetitionPenalty=1.3, presencePenalty=-0.5,"
                + " frequencyPenalty=0.25, noRepeatNgram=4, logitBias={1=2.0}, bannedIds=[7],"
                + " stopIds=[8, 9], stopStrings=[\n, end], lookup=5, seed=OptionalLong[-3]]");
    assertThat(options.withTopK(7).withTopK(6)).isEqualTo(options).hasSameHashCodeAs(options);
    assertThat(options.withTopK(7)).isNotEqualTo(options);
    assertThat(options.isGreedy()).isFalse();
    assertThat(GREEDY).isEqualTo(GenerationOptions.greedy());
  }
}
