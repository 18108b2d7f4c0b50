package dev.lanewise.bench.contest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.bench.contest.Quiet.Sample;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimingsTest {

  @Test
  void disturbedSamplesDoNotCount() {
    Timings timings =
        Timings.millis(
            List.of(
                new Sample(3_000_000, true),
                new Sample(9_000_000, false),
                new Sample(1_000_000, true),
                new Sample(2_000_000, true)));
    assertThat(timings.median()).isEqualTo(2);
    assertThat(timings.max()).isEqualTo(3);
    assertThat(timings.clean()).isEqualTo(3);
    assertThat(timings.samples()).isEqualTo(4);
  }

  @Test
  void allSamplesCountWhereFewAreClean() {
    Timings timings =
        Timings.millis(
            List.of(
                new Sample(3_000_000, true),
                new Sample(9_000_000, false),
                new Sample(1_000_000, false)));
    assertThat(timings.max()).isEqualTo(9);
    assertThat(timings.clean()).isEqualTo(1);
  }

  @Test
  void valuesOfAnyKindAreTakenFromSamples() {
    List<Sample> samples = List.of(new Sample(500_000_000, true), new Sample(250_000_000, true));
    assertThat(Timings.of(samples, sample -> 1e9 / sample.nanos(), Sample::clean).min())
        .isEqualTo(2);
  }

  @Test
  void p99LeavesOneOfAHundredAbove() {
    double[] values = IntStream.rangeClosed(1, 200).mapToDouble(i -> i).toArray();
    assertThat(Timings.of(values).p99()).isEqualTo(198);
    assertThat(Timings.of(4, 5).p99()).isEqualTo(5);
  }
}
