package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionTest {

  static Stream<Kernels> backends() {
    return Backends.all().stream();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void agreesWithDoubleArithmetic(Kernels kernels) {
    for (int headSize : new int[] {1, 3, 16, 17, 50, 64, 80}) {
      for (int rows : new int[] {1, 2, 7, 8, 9, 33, 191, 192, 193, 400}) {
        if ((long) headSize * rows > 64 * 200 && headSize != 64) {
          continue;
        }
        Case c = new Case(headSize, 2, rows);
        float[] out = c.run(kernels, rows);
        for (int row = 0; row < rows; row++) {
          for (int head = 0; head < 2; head++) {
            double[] expected = c.expected(row, head);
            for (int d = 0; d < headSize; d++) {
              assertThat((double) out[(row * 2 + head) * headSize + d])
                  .as("%s headSize %d rows %d row %d", kernels.name(), headSize, rows, row)
                  .isCloseTo(expected[d], within(Kernels.usesFma() ? 4e-6 : 8e-6));
            }
          }
        }
      }
    }
  }

  /** Seeded q, k, v of one sequence, interleaved as the attention projection leaves them. */
  static final class Case {
    final int headSize;
    final int heads;
    final int rows;
    final float[] qkv;

    Case(int headSize, int heads, int rows) {
      this.headSize = headSize;
      this.heads = heads;
      this.rows = rows;
      this.qkv = Memory.random(headSize * 1000L + rows, rows * 3 * heads * headSize);
      for (int i = 0; i < qkv.length; i++) {
        qkv[i] *= 3;
      }
    }

    float scale() {
      return (float) (1 / Math.sqrt(headSize));
    }

    /** The whole sequence in chunks of {@code chunk} rows; layer 1 of 2. */
    float[] run(Kernels kernels, int chunk) {
      try (Arena arena = Arena.ofConfined()) {
        int columns = heads * headSize;
        long stride = 3L * columns * 4;
        long outStride = columns * 4L + 4;
        MemorySegment in = Memory.rows(arena, qkv, rows, 3 * columns, 3, stride);
        MemorySegment out =
            Memory.rows(arena, new float[rows * columns], rows, columns, 1, outStride);
        KvCache cache = new KvCache(arena, 2, heads, headSize, rows);
        for (long at = 0; at < cache.segment().byteSize(); at += 4) {
          cache.segment().set(Memory.LAYOUT, at, Memory.CANARY);
        }
        AttentionScratch scratch = new AttentionScratch(arena, headSize);
        for (int row = 0; row < rows; row += chunk) {
          int count = Math.min(chunk, rows - row);
          long q = 3 + row * stride;
          kernels.appendKeysAndValues(
              in, q + columns * 4L, q + columns * 8L, stride, count, row, cache, 1, 0, heads);
          kernels.attention(
              in,
              q,
              stride,
              count,
              row,
              cache,
              1,
              0,
              heads,
              scale(),
              out,
              1 + row * outStride,
              outStride,
              scratch);
        }
        return Memory.read(out, 1, outStride, rows, columns);
      }
    }

    double[] expected(int row, int head) {
      int columns = heads * headSize;
      double[] q = new double[headSize];
      double[] keys = new double[(row + 1) * headSize];
      double[] values = new double[(row + 1) * headSize];
      for (int d = 0; d < headSize; d++) {
        q[d] = qkv[row * 3 * columns + head * headSize + d];
        for (int j = 0; j <= row; j++) {
          keys[j * headSize + d] = qkv[j * 3 * columns + columns + head * headSize + d];
          values[j * headSize + d] = qkv[j * 3 * columns + 2 * columns + head * headSize + d];
        }
      }
      return Oracle.attention(q, keys, values, row + 1, scale());
    }
  }
}
