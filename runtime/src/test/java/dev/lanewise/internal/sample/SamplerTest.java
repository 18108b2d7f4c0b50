package dev.lanewise.internal.sample;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lanewise.GenerationOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {

  static MemorySegment segment(float... logits) {
    MemorySegment segment = Arena.ofAuto().allocate(4L * logits.length);
    for (int i = 0; i < logits.length; i++) {
      segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN), 4L * i, logits[i]);
    }
    return segment;
  }

  private static int[] counts(GenerationOptions options, int draws, float... logits) {
    Sampler sampler =
        new Sampler(options, LogitSteps.of(options, 0, logits.length), 42, logits.length);
    MemorySegment segment = segment(logits);
    int[] counts = new int[logits.length];
    for (int i = 0; i < draws; i++) {
      counts[sampler.next(segment, new int[0], 0)]++;
    }
    return counts;
  }

  @Test
  void takesTheLikeliestTokenWhenGreedyAndTheFirstOfEqualOnes() {
    assertThat(counts(GenerationOptions.greedy(), 3, 1, 5, 5, 2)).containsExactly(0, 3, 0, 0);
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

  @Test
  void isGreedyAtAVerySmallTopPAndAtAMinPOfOne() {
    float[] logits = {1, 5, 5, 4.999f};
    GenerationOptions hot = GenerationOptions.sampling().withTemperature(50);
    assertThat(counts(hot.withTopP(1e-8), 100, logits)).containsExactly(0, 100, 0, 0);
    assertThat(counts(hot.withTopP(0), 100, logits)).containsExactly(0, 100, 0, 0);
    assertThat(counts(hot.withTopK(1), 100, logits)).containsExactly(0, 100, 0, 0);
    int[] equal = counts(hot.withMinP(1), 1000, logits);
    assertThat(equal[1]).isBetween(400, 600);
    assertThat(equal[1] + equal[2]).isEqualTo(1000);
  }

  @Test
  void drawsOneTokenAtATypicalPOfZeroAndAllAtOne() {
    float[] logits = {0, 0.5f, 1, 6};
    assertThat(
            Arrays.stream(counts(GenerationOptions.sampling().withTypicalP(0), 100, logits))
                .filter(count -> count == 100))
        .hasSize(1);
    assertThat(counts(GenerationOptions.sampling().withTypicalP(1), 1000, logits))
        .isEqualTo(counts(GenerationOptions.sampling(), 1000, logits));
  }

  @Test
  void saysSoWhenEveryTokenIsBanned() {
    GenerationOptions none = GenerationOptions.greedy().withBannedIds(Set.of(0, 1, 2));
    for (GenerationOptions options : List.of(none, none.withTemperature(1), none.withTopK(2))) {
      assertThatIllegalStateException()
          .isThrownBy(() -> counts(options, 1, 1, 2, 3))
          .withMessageContaining("no token is left")
          .withMessageContaining("all 3");
    }
    assertThat(counts(none.withBannedIds(Set.of(1, 2)), 5, 1, 2, 3)).containsExactly(5, 0, 0);
    assertThat(counts(none.withBannedIds(Set.of(1, 2)).withTemperature(1).withTopK(2), 5, 1, 2, 3))
        .containsExactly(5, 0, 0);
  }

  @Test
  void staysFiniteAtExtremePenalties() {
    GenerationOptions options =
        GenerationOptions.sampling()
            .withTemperature(Double.MIN_VALUE)
            .withRepetitionPenalty(Float.MIN_NORMAL)
            .withLogitBias(Map.of(0, -(double) Float.MAX_VALUE, 1, (double) Float.MAX_VALUE))
            .withTopP(0.5)
            .withTypicalP(0.5);
    float[] logits = {-Float.MAX_VALUE, Float.MAX_VALUE, 1};
    Sampler sampler = new Sampler(options, LogitSteps.of(options, 3, 3), 1, 3);
    for (int i = 0; i < 100; i++) {
      assertThat(sampler.next(segment(logits), new int[] {0, 1, 2}, 3)).isEqualTo(1);
    }
  }

  /** Ids drawn by this version; another arithmetic or order of the steps changes some of them. */
  @Test
  void givesTheSameTokensForASeedInEveryVersion() {
    SplittableRandom random = new SplittableRandom(11);
    float[] logits = new float[500];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) random.nextGaussian(0, 3);
    }
    GenerationOptions options =
        GenerationOptions.sampling()
            .withTemperature(1.3)
            .withTopK(200)
            .withTopP(0.97)
            .withMinP(0.001)
            .withTypicalP(0.95)
            .withRepetitionPenalty(1.2)
            .withPresencePenalty(0.3)
            .withFrequencyPenalty(0.2)
            .withNoRepeatNgram(3);
    Sampler sampler = new Sampler(options, LogitSteps.of(options, 1, 500), 5, 500);
    int[] ids = new int[13];
    for (int i = 1; i < ids.length; i++) {
      ids[i] = sampler.next(segment(logits), ids, i);
    }
    assertThat(ids).containsExactly(0, 341, 91, 205, 142, 229, 258, 201, 434, 375, 81, 91, 54);
  }

  @Test
  void hasTheRandomNumbersOfSplitMix() {
    SplitMix64 ours = new SplitMix64(-7);
    SplittableRandom theirs = new SplittableRandom(-7);
    for (int i = 0; i < 1000; i++) {
      assertThat(ours.nextDouble()).isEqualTo(theirs.nextDouble());
    }
  }

  @Test
  void allocatesNothingOnceItIsWarm() {
    GenerationOptions options =
        GenerationOptions.sampling()
            .withTopK(40)
            .withTopP(0.9)
            .withMinP(0.01)
            .withTypicalP(0.9)
            .withRepetitionPenalty(1.1)
            .withPresencePenalty(1)
            .withNoRepeatNgram(2)
            .withBannedIds(Set.of(3))
            .withLogitBias(Map.of(1, 2.0));
    Sampler sampler = new Sampler(options, LogitSteps.of(options, 2, 300), 1, 300);
    MemorySegment logits = segment(new float[300]);
    int[] ids = {5, 6, 7, 8};
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int sum = 0;
    for (int i = 0; i < 20_000; i++) {
      sum += sampler.next(logits, ids, 4);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 1000; i++) {
      sum += sampler.next(logits, ids, 4);
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(sum).isPositive();
    assertThat(bytes).isLessThan(1000);
  }
}
