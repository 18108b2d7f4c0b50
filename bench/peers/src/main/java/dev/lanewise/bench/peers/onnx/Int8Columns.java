package dev.lanewise.bench.peers.onnx;

import dev.lanewise.bench.peers.Content;
import dev.lanewise.bench.peers.onnx.GptWeights.Matrix;
import java.io.IOException;
import java.io.OutputStream;

/** A matrix rounded to int8, symmetric around 0, with one scale for each column. */
record Int8Columns(Matrix matrix) implements Content {

  /** -128 is left out, so that both signs have the same range. */
  private static final int LARGEST = 127;

  @Override
  public long length() {
    return (long) matrix.in() * matrix.out();
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    float[] values = matrix.values().load();
    out.write(round(values, scales(values, matrix.out())));
  }

  /** The largest magnitude of each column over 127; 1 for a column of zeros. */
  static float[] scales(float[] values, int columns) {
    float[] scales = new float[columns];
    for (int i = 0; i < values.length; i++) {
      scales[i % columns] = Math.max(scales[i % columns], Math.abs(values[i]));
    }
    for (int column = 0; column < columns; column++) {
      scales[column] = scales[column] == 0 ? 1 : scales[column] / LARGEST;
    }
    return scales;
  }

  /** Each value over its column's scale, rounded half to even. */
  static byte[] round(float[] values, float[] scales) {
    byte[] rounded = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      int level = (int) Math.rint(values[i] / scales[i % scales.length]);
      rounded[i] = (byte) Math.clamp(level, -LARGEST, LARGEST);
    }
    return rounded;
  }

  /** Zero points. */
  static Content zeros(int count) {
    return Content.of(new byte[count]);
  }
}
