package dev.lanewise.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lanewise.kernels.internal.Exp;
import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** exp in vectors is exp of each float, bit for bit, so that it has the same error. */
class VectorExpTest {

  private static final int STEP = Integer.getInteger("exp.step", 4099);

  private static final int N = 1024;

  @BeforeEach
  void hasVectors() {
    assumeTrue("vector".equals(System.getProperty("expected.backend")));
  }

  @Test
  void isTheScalarExpForEveryFloat() {
    // All 2^32 bit patterns in parts of N: NaN, infinities and what is beyond the domain too.
    int parts = 1 << 12;
    long differences =
        IntStream.range(0, parts)
            .parallel()
            .mapToLong(part -> differences(part, parts, Math.max(16, STEP)))
            .sum();
    assertThat(differences).isZero();
  }

  /** Patterns part * step, (part + parts) * step, ... */
  private static long differences(int part, int parts, int step) {
    long differences = 0;
    float[] y = new float[N];
    float[] bound = new float[1];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(N * 4L, 64);
      long next = (long) part * step;
      while (next < 1L << 32) {
        for (int i = 0; i < N; i++, next += (long) parts * step) {
          x.setAtIndex(F32.LAYOUT, i, Float.intBitsToFloat((int) next));
        }
        VectorExp.exp(x, 0, 0, 1, N, bound, y, 0, 0);
        for (int i = 0; i < N; i++) {
          float expected = Exp.exp(x.getAtIndex(F32.LAYOUT, i));
          if (Float.floatToIntBits(expected) != Float.floatToIntBits(y[i])) {
            differences++;
          }
        }
      }
    }
    return differences;
  }
}
