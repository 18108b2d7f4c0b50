package dev.lanewise.kernels;

import static dev.lanewise.kernels.Matrix.Layout.IN_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.Matrix.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MatmulTest {

  private static final int[] SIZES = {0, 1, 2, 3, 5, 15, 16, 17, 31, 35, 47, 48, 49, 67, 101, 131};

  static Stream<Kernels> backends() {
    return Backends.all().stream();
  }

  static Stream<Arguments> shapes() {
    return Stream.of(Layout.values())
        .flatMap(
            layout ->
                Stream.of(
                        new int[] {1, 768, 2304},
                        new int[] {2, 3072, 768},
                        new int[] {3, 385, 97},
                        new int[] {9, 769, 101},
                        new int[] {17, 48, 144})
                    .map(s -> Arguments.of(layout, s[0], s[1], s[2])));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void agreesWithDoubleArithmeticOnAllSmallSizes(Kernels kernels) {
    for (Layout layout : Layout.values()) {
      for (int rows : new int[] {0, 1, 2, 3, 7, 8, 9, 12, 15, 16, 33}) {
        for (int in : SIZES) {
          for (int out : SIZES) {
            check(kernels, layout, rows, in, out);
          }
        }
      }
    }
  }

  @Test
  void readsPanelsWhereverTheyLie() {
    try (Arena arena = Arena.ofConfined()) {
      int in = 5;
      int out = 71; // panels of 32, 32 and 7
      float[] w = Memory.random(2, in * out);
      Matrix source = new Matrix(Memory.rows(arena, w, 1, in * out, 3, 0), 3, in, out, IN_OUT);
      Matrix panels = Matrix.panels(arena, in, out);
      panels.packPanels(source, 32, 71);
      panels.packPanels(source, 0, 32);
      for (int k = 0; k < in; k++) {
        for (int n = 0; n < out; n++) {
          assertThat(panels.segment().get(Memory.LAYOUT, panels.offsetOf(k, n)))
              .isEqualTo(w[k * out + n]);
        }
      }
      assertThat(panels.segment().byteSize()).isEqualTo(4L * in * out);
    }
  }

  @Test
  void packsOnlyWholePanelsOfTheSameShape() {
    try (Arena arena = Arena.ofConfined()) {
      Matrix source = new Matrix(arena.allocate(4 * 3 * 40), 0, 3, 40, IN_OUT);
      Matrix panels = Matrix.panels(arena, 3, 40);
      assertThatThrownBy(() -> panels.packPanels(source, 0, 31))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[0, 31)");
      assertThatThrownBy(() -> panels.packPanels(source, 8, 40))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> panels.packPanels(source, 32, 41))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> panels.packPanels(panels, 0, 40))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("cannot pack PANELS into PANELS");
      assertThatThrownBy(() -> Matrix.panels(arena, 4, 40).packPanels(source, 0, 40))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("cannot pack 3 x 40 into 4 x 40");
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void agreesWithDoubleArithmeticOnModelShapes(Layout layout, int rows, int in, int out) {
    for (Kernels kernels : Backends.all()) {
      check(kernels, layout, rows, in, out);
    }
  }

  private static void check(Kernels kernels, Layout layout, int rows, int in, int out) {
    Case c = new Case(layout, rows, in, out);
    for (Start start : Start.values()) {
      float[] y = c.run(kernels, start, List.of(0, out));
      double[] expected = c.expected(start);
      for (int i = 0; i < y.length; i++) {
        // The partial sums of products below 1 walk to sqrt(in) / 3, and so do their rounding
        // errors.
        double roundings = Kernels.usesFma() ? 1 : 2; // of each product
        double bound = roundings * (3e-8 * in + 5e-7 * (1 + Math.abs(expected[i])));
        assertThat((double) y[i])
            .as("%s %s %d x %d x %d %s at %d", kernels.name(), layout, rows, in, out, start, i)
            .isCloseTo(expected[i], within(bound));
      }
    }
  }

  enum Start {
    ZERO,
    BIAS,
    ACCUMULATE
  }

  /** Seeded operands; weights at an odd address, y with gaps between its rows. */
  static final class Case {
    final Layout layout;
    final int rows;
    final int in;
    final int out;
    final float[] x;
    final float[] w;
    final float[] bias;
    final float[] y;

    Case(Layout layout, int rows, int in, int out) {
      this.layout = layout;
      this.rows = rows;
      this.in = in;
      this.out = out;
      this.x = Memory.random(1, rows * in);
      this.w = Memory.random(2, in * out);
      this.bias = Memory.random(3, out);
      this.y = Memory.random(4, rows * out);
    }

    /** Columns cut at {@code cuts}, ascending from 0 to out. */
    float[] run(Kernels kernels, Start start, List<Integer> cuts) {
      try (Arena arena = Arena.ofConfined()) {
        long xStride = in * 4L + 8;
        long yStride = out * 4L + 12;
        MemorySegment xs = Memory.rows(arena, x, rows, in, 5, xStride);
        MemorySegment ys = Memory.rows(arena, y, rows, out, 7, yStride);
        MemorySegment ws = Memory.rows(arena, w, 1, in * out, 3, 0);
        PackedRows packed = new PackedRows();
        packed.reset(rows, in, layout);
        kernels.pack(xs, 5, xStride, packed, 0, rows);
        Matrix matrix = Memory.matrix(arena, ws, 3, in, out, layout);
        @Nullable Floats b = start == Start.BIAS ? Memory.floats(arena, bias) : null;
        for (int i = 0; i + 1 < cuts.size(); i++) {
          kernels.matmul(
              packed,
              matrix,
              b,
              start == Start.ACCUMULATE,
              ys,
              7,
              yStride,
              cuts.get(i),
              cuts.get(i + 1));
        }
        for (int r = 0; r + 1 < rows; r++) {
          for (int gap = 0; gap < 3; gap++) {
            long at = 7 + r * yStride + out * 4L + gap * 4L;
            assertThat(ys.get(Memory.LAYOUT, at)).isNaN();
          }
        }
        return Memory.read(ys, 7, yStride, rows, out);
      }
    }

    double[] expected(Start start) {
      double[] from = new double[rows * out];
      double[] weights = Memory.doubles(w);
      if (layout == Layout.OUT_IN) {
        double[] transposed = new double[in * out];
        for (int n = 0; n < out; n++) {
          for (int k = 0; k < in; k++) {
            transposed[k * out + n] = weights[n * in + k];
          }
        }
        weights = transposed;
      }
      for (int i = 0; i < from.length; i++) {
        from[i] =
            switch (start) {
              case ZERO -> 0;
              case BIAS -> bias[i % out];
              case ACCUMULATE -> y[i];
            };
      }
      return Oracle.matmul(Memory.doubles(x), weights, from, rows, in, out);
    }
  }
}
