package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lanewise.GenerationOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

  private static MemorySegment segment(float... logits) {
    MemorySegment segment = Arena.ofAuto().allocate(4L * logits.length);
    for (int i = 0; i < logits.length; i++) {
      segment.set(OutputHead.FLOAT, 4L * i, logits[i]);
    }
    return segment;
  }

  private static int[] counts(GenerationOptions options, int draws, float... logits) {
    Sampler sampler = new Sampler(options, 42, logits.length);
    MemorySegment segment = segment(logits);
    int[] counts = new int[logits.length];
    for (int i = 0; i < draws; i++) {
      counts[sampler.next(segment)]++;
    }
    return counts;
  }

  @Test
  void takesTheLikeliestTokenWhenGreedyAndTheFirstOfEqualOnes() {
    assertThat(counts(GenerationOptions.greedy(), 3, 1, 5, 5, 2)).containsExactly(0, 3, 0, 0);
  }

  /** Chi-square against softmax(logits / temperature); 4 degrees of freedom, p = 0.001: 18.5. */
  @Test
  void drawsFromTheSoftmaxOfTheLogits() {
    float[] logits = {0.5f, -1, 2, 0, 1.25f};
    double temperature = 0.7;
    int draws = 100_000;
    int[] counts = counts(GenerationOptions.sampling().withTemperature(temperature), draws, logits);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit / temperature);
    }
    double chiSquare = 0;
    for (int i = 0; i < logits.length; i++) {
      double expected = draws * Math.exp(logits[i] / temperature) / sum;
      chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    assertThat(chiSquare).isLessThan(18.5);
  }

  /** 2 degrees of freedom, p = 0.001: 13.8. */
  @Test
  void drawsOnlyFromTheTopK() {
    float[] logits = {0, 3, 1, 2.5f, -1, 2};
    int draws = 60_000;
    int[] counts = counts(GenerationOptions.sampling().withTopK(3), draws, logits);
    double sum = Math.exp(3) + Math.exp(2.5) + Math.exp(2);
    double chiSquare = 0;
    for (int i : new int[] {1, 3, 5}) {
      double expected = draws * Math.exp(logits[i]) / sum;
      chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    assertThat(chiSquare).isLessThan(13.8);
    assertThat(counts[0] + counts[2] + counts[4]).isZero();
  }

  @Test
  void keepsTheLowerIdWhereTheTopKEndsAmongEqualLogits() {
    SplittableRandom random = new SplittableRandom(7);
    for (int trial = 0; trial < 200; trial++) {
      float[] logits = new float[40];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = random.nextInt(6);
      }
      int k = 1 + random.nextInt(39);
      Integer[] expected =
          IntStream.range(0, logits.length)
              .boxed()
              .sorted(
                  Comparator.comparingDouble((Integer id) -> -logits[id])
                      .thenComparing(Comparator.naturalOrder()))
              .limit(k)
              .toArray(Integer[]::new);
      int[] counts =
          counts(GenerationOptions.sampling().withTopK(k).withTemperature(100), 4000, logits);
      Integer[] drawn =
          IntStream.range(0, counts.length)
              .filter(id -> counts[id] > 0)
              .boxed()
              .toArray(Integer[]::new);
      Arrays.sort(expected);
      assertThat(drawn).as("trial %d, k %d", trial, k).isEqualTo(expected);
    }
  }

  @Test
  void clampsATopKBeyondTheVocabulary() {
    int[] all = counts(GenerationOptions.sampling(), 1000, 1, 2, 3);
    int[] beyond = counts(GenerationOptions.sampling().withTopK(1_000_000), 1000, 1, 2, 3);
    assertThat(Arrays.stream(beyond).sum()).isEqualTo(1000);
    assertThat(beyond).isEqualTo(all);
  }

  @Test
  void staysFiniteAtTheSmallestTemperature() {
    int[] counts =
        counts(GenerationOptions.sampling().withTemperature(Double.MIN_VALUE), 100, 1, 2, 3);
    assertThat(counts).containsExactly(0, 0, 100);
  }

  @Test
  void refusesLogitsThatAreNoNumbers() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatIllegalStateException()
          .isThrownBy(() -> counts(GenerationOptions.greedy(), 1, 0, bad))
          .withMessageContaining("logit 1 of 2");
    }
  }
}
