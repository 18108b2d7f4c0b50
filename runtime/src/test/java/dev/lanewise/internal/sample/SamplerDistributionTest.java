package dev.lanewise.internal.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.GenerationOptions;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Draws against the exact probabilities. */
class SamplerDistributionTest {

  private static final int DRAWS = 100_000;

  /** Chi-square at p = 1e-6 by degrees of freedom, from 1. */
  private static final double[] CRITICAL = {
    23.93, 27.63, 30.66, 33.38, 35.89, 38.26, 40.52, 42.70, 44.81, 46.86, 48.87, 50.83, 52.75
  };

  private static final float[] LOGITS = {
    0.5f, -1, 2, 0, 1.25f, -0.25f, 1.9f, 0.75f, -2, 1.5f, 0.25f, -0.5f
  };

  /** A prompt of three, then what was generated. */
  private static final int[] IDS = {2, 6, 1, 2, 4, 4, 2, 6};

  private static final int PROMPT = 3;

  static List<GenerationOptions> samplers() {
    GenerationOptions plain = GenerationOptions.sampling();
    List<GenerationOptions> samplers = new ArrayList<>();
    for (double temperature : new double[] {0.5, 0.7, 1, 2.5}) {
      samplers.add(plain.withTemperature(temperature));
    }
    for (int k : new int[] {2, 3, 7, 11, 12, 1000}) {
      samplers.add(plain.withTopK(k));
    }
    for (double p : new double[] {0.2, 0.5, 0.8, 0.95, 0.999}) {
      samplers.add(plain.withTopP(p));
      samplers.add(plain.withTypicalP(p));
      samplers.add(plain.withMinP(p / 4));
    }
    samplers.add(plain.withRepetitionPenalty(1.5));
    samplers.add(plain.withRepetitionPenalty(0.6));
    samplers.add(plain.withPresencePenalty(1.2));
    samplers.add(plain.withPresencePenalty(-0.7));
    samplers.add(plain.withFrequencyPenalty(0.6));
    samplers.add(plain.withFrequencyPenalty(-0.4));
    samplers.add(plain.withNoRepeatNgram(1));
    samplers.add(plain.withNoRepeatNgram(2));
    samplers.add(plain.withNoRepeatNgram(3));
    samplers.add(plain.withLogitBias(Map.of(0, 1.5, 2, -1.0, 8, 2.0)));
    samplers.add(plain.withBannedIds(Set.of(2, 9)));
    samplers.add(
        plain
            .withTemperature(1.4)
            .withTopK(10)
            .withTopP(0.9)
            .withMinP(0.1)
            .withTypicalP(0.8)
            .withRepetitionPenalty(1.1)
            .withPresencePenalty(0.2)
            .withFrequencyPenalty(0.1)
            .withLogitBias(Map.of(5, 1.0))
            .withBannedIds(Set.of(9)));
    return samplers;
  }

  @ParameterizedTest
  @MethodSource("samplers")
  void drawsWithTheExactProbabilities(GenerationOptions options) {
    Map<Integer, Double> expected = SamplingOracle.probabilities(options, LOGITS, IDS, PROMPT);
    for (long seed : new long[] {1, 2, 3}) {
      int[] counts = counts(options, seed);
      double chiSquare = 0;
      for (int id = 0; id < counts.length; id++) {
        Double probability = expected.get(id);
        if (probability == null) {
          assertThat(counts[id]).as("draws of %d", id).isZero();
        } else {
          double mean = DRAWS * probability;
          assertThat(mean).isGreaterThan(5);
          chiSquare += (counts[id] - mean) * (counts[id] - mean) / mean;
        }
      }
      assertThat(chiSquare)
          .as("seed %d, probabilities %s, draws %s", seed, expected, Arrays.toString(counts))
          .isLessThan(expected.size() == 1 ? 1e-9 : CRITICAL[expected.size() - 2]);
    }
  }

  private static int[] counts(GenerationOptions options, long seed) {
    List<LogitStep> steps = LogitSteps.of(options, PROMPT, LOGITS.length);
    Sampler sampler = new Sampler(options, steps, seed, LOGITS.length);
    MemorySegment logits = SamplerTest.segment(LOGITS);
    int[] counts = new int[LOGITS.length];
    for (int i = 0; i < DRAWS; i++) {
      counts[sampler.next(logits, IDS, IDS.length)]++;
    }
    return counts;
  }

  /** The test would see a filter that keeps one token too many or too few. */
  @Test
  void hasFiltersThatLeaveDifferentNumbersOfTokens() {
    assertThat(
            samplers().stream()
                .map(o -> SamplingOracle.probabilities(o, LOGITS, IDS, PROMPT).size())
                .distinct()
                .count())
        .isGreaterThan(7);
  }

  /**
   * 200 random vocabularies and options: what is never drawn, and what is, agree with the oracle.
   */
  @Test
  void keepsTheSameTokensAsTheOracleForRandomOptions() {
    SplittableRandom random = new SplittableRandom(42);
    for (int trial = 0; trial < 200; trial++) {
      int vocab = 2 + random.nextInt(60);
      float[] logits = new float[vocab];
      for (int i = 0; i < vocab; i++) {
        logits[i] = (float) random.nextGaussian(0, 2);
      }
      int[] ids = random.ints(1 + random.nextInt(9), 0, vocab).toArray();
      GenerationOptions options =
          GenerationOptions.sampling()
              .withTemperature(0.5 + random.nextDouble())
              .withTopK(random.nextInt(vocab + 5))
              .withTopP(random.nextDouble())
              .withMinP(random.nextDouble() / 10)
              .withTypicalP(random.nextDouble())
              .withRepetitionPenalty(0.5 + random.nextDouble())
              .withPresencePenalty(random.nextDouble())
              .withFrequencyPenalty(random.nextDouble());
      int prompt = random.nextInt(ids.length);
      Map<Integer, Double> expected = SamplingOracle.probabilities(options, logits, ids, prompt);
      Sampler sampler = new Sampler(options, LogitSteps.of(options, prompt, vocab), trial, vocab);
      Candidates candidates = sampler.candidates(SamplerTest.segment(logits), ids, ids.length);
      double sum = candidates.sum();
      assertThat(candidates.size()).as("trial %d, %s", trial, options).isEqualTo(expected.size());
      for (int i = 0; i < candidates.size(); i++) {
        assertThat(candidates.weight(i) / sum)
            .isCloseTo(
                expected.getOrDefault(candidates.id(i), -1.0),
                org.assertj.core.api.Assertions.within(1e-12));
      }
    }
  }
}
