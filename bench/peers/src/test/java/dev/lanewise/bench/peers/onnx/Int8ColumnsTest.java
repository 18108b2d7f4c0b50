package dev.lanewise.bench.peers.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.bench.peers.onnx.GptWeights.Matrix;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class Int8ColumnsTest {

  private static final float[] VALUES = {1, -10, 0, -2, 5, 0};

  @Test
  void eachColumnHasItsScale() {
    assertThat(Int8Columns.scales(VALUES, 3)).containsExactly(2f / 127, 10f / 127, 1);
  }

  @Test
  void theLargestOfAColumnIs127() throws IOException {
    Int8Columns columns = new Int8Columns(new Matrix("w", 2, 3, () -> VALUES));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    columns.writeTo(out);
    assertThat(out.toByteArray()).containsExactly(64, -127, 0, -127, 64, 0);
    assertThat(columns.length()).isEqualTo(6);
  }
}
