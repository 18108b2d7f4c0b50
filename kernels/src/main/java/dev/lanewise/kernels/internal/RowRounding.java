package dev.lanewise.kernels.internal;

import dev.lanewise.kernels.PackedRows;

/** Rounds packed rows to integers from -127 to 127 and a scale, as {@link PackedRows} says. */
final class RowRounding {

  private static final int MAX = 127;
  private static final int MAGNITUDE = 0x7fff_ffff;

  /** 1.5 * 2^23: floats of this size have no fraction, so adding it rounds, ties to even. */
  private static final float NO_FRACTION = 0x1.8p23f;

  private RowRounding() {}

  /** Rows [from, to), which were packed. */
  static void round(PackedRows packed, int from, int to) {
    float[] data = packed.data();
    float[] scales = packed.scales();
    int in = packed.in();
    for (int row = from; row < to; ) {
      int rows = packed.panelRows(row);
      if (rows == 8) {
        eight(data, row * in, in, scales, row);
      } else {
        for (int i = 0; i < rows; i++) {
          scales[row + i] = one(data, row * in + i, rows, in);
        }
      }
      row += rows;
    }
  }

  private static float inverse(float scale) {
    return scale < Float.MIN_NORMAL ? 0 : 1 / scale;
  }

  /** A scale too small for its inverse counts as 0. */
  private static float scale(int largestBits) {
    float scale = Float.intBitsToFloat(largestBits) / MAX;
    return scale < Float.MIN_NORMAL ? 0 : scale;
  }

  /** Compared by bits, of which those of NaN are the largest. */
  private static int magnitude(float value) {
    return Float.floatToRawIntBits(value) & MAGNITUDE;
  }

  private static float rounded(float value, float inverse) {
    return value * inverse + NO_FRACTION - NO_FRACTION;
  }

  private static float one(float[] data, int at, int stride, int in) {
    int largest = 0;
    for (int k = 0, p = at; k < in; k++, p += stride) {
      largest = Math.max(largest, magnitude(data[p]));
    }
    float scale = scale(largest);
    float inverse = inverse(scale);
    for (int k = 0, p = at; k < in; k++, p += stride) {
      data[p] = rounded(data[p], inverse);
    }
    return scale;
  }

  /** Eight rows side by side: as many independent chains. */
  private static void eight(float[] data, int at, int in, float[] scales, int row) {
    int l0 = 0;
    int l1 = 0;
    int l2 = 0;
    int l3 = 0;
    int l4 = 0;
    int l5 = 0;
    int l6 = 0;
    int l7 = 0;
    int end = at + 8 * in;
    for (int p = at; p < end; p += 8) {
      l0 = Math.max(l0, magnitude(data[p]));
      l1 = Math.max(l1, magnitude(data[p + 1]));
      l2 = Math.max(l2, magnitude(data[p + 2]));
      l3 = Math.max(l3, magnitude(data[p + 3]));
      l4 = Math.max(l4, magnitude(data[p + 4]));
      l5 = Math.max(l5, magnitude(data[p + 5]));
      l6 = Math.max(l6, magnitude(data[p + 6]));
      l7 = Math.max(l7, magnitude(data[p + 7]));
    }
    scales[row] = scale(l0);
    float v0 = inverse(scales[row]);
    scales[row + 1] = scale(l1);
    float v1 = inverse(scales[row + 1]);
    scales[row + 2] = scale(l2);
    float v2 = inverse(scales[row + 2]);
    scales[row + 3] = scale(l3);
    float v3 = inverse(scales[row + 3]);
    scales[row + 4] = scale(l4);
    float v4 = inverse(scales[row + 4]);
    scales[row + 5] = scale(l5);
    float v5 = inverse(scales[row + 5]);
    scales[row + 6] = scale(l6);
    float v6 = inverse(scales[row + 6]);
    scales[row + 7] = scale(l7);
    float v7 = inverse(scales[row + 7]);
    for (int p = at; p < end; p += 8) {
      data[p] = rounded(data[p], v0);
      data[p + 1] = rounded(data[p + 1], v1);
      data[p + 2] = rounded(data[p + 2], v2);
      data[p + 3] = rounded(data[p + 3], v3);
      data[p + 4] = rounded(data[p + 4], v4);
      data[p + 5] = rounded(data[p + 5], v5);
      data[p + 6] = rounded(data[p + 6], v6);
      data[p + 7] = rounded(data[p + 7], v7);
    }
  }
}
