package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.internal.Exp;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The exp behind softmax, attention and the activations, against double arithmetic. */
class ExpTest {

  /**
   * Floats from one that is tried to the next: 1 takes all. Two JVM settings of the build do, one
   * with FMA and one without.
   */
  private static final int STEP = Integer.getInteger("exp.step", 4099);

  /** Below it exp(x) rounds to 1 or to a neighbour of 1. */
  private static final float SMALL = 0x1p-26f;

  /** Of {@link Exp}'s documentation. */
  private static double bound() {
    return Kernels.usesFma() ? 1.013 : 0.992;
  }

  @Test
  void isWithinItsBoundForEveryFloatOfItsDomain() {
    double positive = worst(SMALL, Exp.MAX, STEP);
    double negative = worst(-SMALL, Exp.MIN, STEP);
    assertThat(Math.max(positive, negative))
        .as("ulp, every %d. float of [%s, %s]", STEP, Exp.MIN, Exp.MAX)
        .isLessThanOrEqualTo(bound())
        .isGreaterThan(bound() - 0.2);
  }

  @Test
  void isOneAroundZero() {
    for (int bits = 0; bits < Float.floatToRawIntBits(SMALL); bits += 40_991) {
      assertThat(Exp.exp(Float.intBitsToFloat(bits))).isEqualTo(1f);
      assertThat(Exp.exp(-Float.intBitsToFloat(bits))).isEqualTo(1f);
    }
  }

  @Test
  void endsInZeroAndInfinity() {
    assertThat(Exp.exp(Exp.MIN)).isGreaterThanOrEqualTo(Float.MIN_NORMAL);
    assertThat(Exp.exp(Math.nextDown(Exp.MIN))).isZero();
    assertThat(Exp.exp(-1e30f)).isZero();
    assertThat(Exp.exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(Exp.exp(Exp.MAX)).isFinite();
    assertThat(Exp.exp(Math.nextUp(Exp.MAX))).isInfinite();
    assertThat(Exp.exp(1e30f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Exp.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Exp.exp(Float.NaN)).isNaN();
  }

  @Test
  void isComparedWithAnOracleThatIsRight() {
    Oracle oracle = new Oracle();
    for (double x = -87.4; x < 88.4; x += 0.000977) {
      double exact = StrictMath.exp(x);
      assertThat(Math.abs(oracle.exp(x) - exact)).isLessThanOrEqualTo(1e-15 * exact);
    }
  }

  /** The largest error in ulp of the correctly rounded result, floats of one sign. */
  private static double worst(float from, float to, int step) {
    int first = Float.floatToRawIntBits(from);
    int last = Float.floatToRawIntBits(to);
    Oracle oracle = new Oracle();
    int parts = 256;
    return IntStream.range(0, parts)
        .parallel()
        .mapToDouble(part -> worst(oracle, first + part * step, last, parts * step))
        .max()
        .orElseThrow();
  }

  private static double worst(Oracle oracle, int first, int last, int step) {
    double worst = 0;
    for (int bits = first; bits <= last; bits += step) {
      float x = Float.intBitsToFloat(bits);
      double exact = oracle.exp(x);
      double error = Math.abs(Exp.exp(x) - exact) / Math.ulp((float) exact);
      worst = Math.max(worst, error); // NaN if either is
    }
    return worst;
  }

  /**
   * exp in double: {@link StrictMath#exp} of the nearest 64th, from a table, times a Taylor series.
   * Much faster, to go over all floats.
   */
  private static final class Oracle {

    private static final int FIRST = -88 * 64;
    private static final int LAST = 89 * 64;

    private final double[] table = new double[LAST - FIRST + 1];

    Oracle() {
      for (int i = FIRST; i <= LAST; i++) {
        table[i - FIRST] = StrictMath.exp(i / 64.0);
      }
    }

    double exp(double x) {
      int i = (int) Math.floor(x * 64 + 0.5);
      double r = x - i / 64.0; // exact
      double p = 1.0 / 720;
      p = p * r + 1.0 / 120;
      p = p * r + 1.0 / 24;
      p = p * r + 1.0 / 6;
      p = p * r + 0.5;
      p = p * r + 1;
      p = p * r + 1;
      return table[i - FIRST] * p;
    }
  }
}
