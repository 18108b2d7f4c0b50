package dev.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.ClassificationReport.Confusion;
import dev.lanewise.ClassificationReport.LabelReport;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Figures that were worked out by hand. */
class ClassificationReportTest {

  private static final List<String> LABELS = List.of("a", "b", "c", "d", "e");

  /** Right a a a b b c; given a a b b a d. Label e is never right and never given. */
  private static ClassificationReport report() {
    double[] probabilities = new double[6];
    Arrays.fill(probabilities, 0.5);
    return ClassificationReport.of(
        LABELS, new int[] {0, 0, 0, 1, 1, 2}, new int[] {0, 0, 1, 1, 0, 3}, probabilities);
  }

  @Test
  void countsEachLabel() {
    assertThat(report().examples()).isEqualTo(6);
    assertThat(report().accuracy()).isEqualTo(0.5);
    assertThat(report().perLabel())
        .containsExactly(
            new LabelReport("a", 2 / 3.0, 2 / 3.0, 2 / 3.0, 3),
            new LabelReport("b", 0.5, 0.5, 0.5, 2),
            new LabelReport("c", 0, 0, 0, 1),
            new LabelReport("d", 0, 0, 0, 0));
  }

  /** As scikit-learn's f1_score(average="macro", zero_division=0): e is left out, d is not. */
  @Test
  void averagesOverLabelsThatOccurOrWerePredicted() {
    assertThat(report().macroF1()).isCloseTo((2 / 3.0 + 0.5) / 4, within(1e-15));
  }

  @Test
  void listsConfusionsByCountThenId() {
    assertThat(report().confusions())
        .containsExactly(
            new Confusion("a", "b", 1), new Confusion("b", "a", 1), new Confusion("c", "d", 1));
    assertThat(
            ClassificationReport.of(
                    LABELS, new int[] {0, 4, 4}, new int[] {1, 0, 0}, new double[] {1, 1, 1})
                .confusions())
        .containsExactly(new Confusion("e", "a", 2), new Confusion("a", "b", 1));
  }

  @Test
  void measuresTheCalibrationErrorInFifteenBins() {
    // Bin 13 of 15 is (0.8, 0.8667]: 0.85 and 0.86, one right: |1 - 1.71|. Bin 6: |1 - 0.4|.
    double[] probabilities = {0.85, 0.86, 0.4};
    boolean[] right = {true, false, true};
    assertThat(ClassificationReport.calibrationError(probabilities, right))
        .isCloseTo((0.71 + 0.6) / 3, within(1e-12));
  }

  @Test
  void putsAProbabilityOnAnEdgeIntoTheBinBelow() {
    // 0.2 ends bin 3, a little more begins bin 4: together they would cancel, apart they add up.
    assertThat(
            ClassificationReport.calibrationError(
                new double[] {0.2, Math.nextUp(0.21)}, new boolean[] {true, false}))
        .isCloseTo((0.8 + 0.21) / 2, within(1e-12));
    assertThat(
            ClassificationReport.calibrationError(
                new double[] {0.2, 0.19}, new boolean[] {true, false}))
        .isCloseTo((0.8 - 0.19) / 2, within(1e-12));
  }

  @Test
  void takesProbabilitiesOfExactlyZeroAndOne() {
    boolean[] right = {true, false, false};
    assertThat(ClassificationReport.calibrationError(new double[] {1, 1, 0}, right))
        .isCloseTo(1 / 3.0, within(1e-15));
  }

  @Test
  void refusesWhatIsNoComparison() {
    assertThatThrownBy(() -> ClassificationReport.of(LABELS, new int[0], new int[0], new double[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> ClassificationReport.of(LABELS, new int[] {5}, new int[] {0}, new double[] {1}))
        .hasMessage("label id 5 is out of range, there are 5 labels");
    assertThatThrownBy(
            () ->
                ClassificationReport.calibrationError(
                    new double[] {Double.NaN}, new boolean[] {true}))
        .hasMessage("probability 0 is NaN, expected 0 to 1");
  }
}
