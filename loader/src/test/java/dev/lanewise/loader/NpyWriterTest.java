package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyWriterTest {

  @TempDir private Path dir;

  @Test
  void writesTheFormatByteForByte() throws IOException {
    Path file = dir.resolve("a.npy");
    try (NpyWriter writer = new NpyWriter(file, 3)) {
      writer.add(new float[] {1, -2.5f, Float.MIN_VALUE});
      writer.add(new float[] {0, 4, Float.NaN});
      assertThat(file).doesNotExist();
      writer.finish();
    }
    byte[] bytes = Files.readAllBytes(file);
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    assertThat(bytes).hasSize(128 + 2 * 3 * 4);
    assertThat(bytes).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0);
    assertThat(new String(bytes, 10, 118, StandardCharsets.US_ASCII))
        .isEqualTo(header + " ".repeat(117 - header.length()) + "\n");
    float[] data = new float[6];
    ByteBuffer.wrap(bytes, 128, 24).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(data);
    assertThat(data).containsExactly(1, -2.5f, Float.MIN_VALUE, 0, 4, Float.NaN);
    assertThat(dir.toFile().list()).containsExactly("a.npy");
  }

  @Test
  void isReadByTheReader() throws IOException {
    Path file = dir.resolve("a.npy");
    try (NpyWriter writer = new NpyWriter(file, 7)) {
      for (int i = 0; i < 1000; i++) {
        writer.add(new float[7]);
      }
      writer.finish();
    }
    NpyReader read = NpyReader.read(file);
    assertThat(read.dtype()).isEqualTo(DType.F32);
    assertThat(read.shape()).isEqualTo(List.of(1000L, 7L));
    assertThat(read.dataStart()).isEqualTo(128);
  }

  @Test
  void leavesNothingWhereItDidNotFinish() throws IOException {
    Path file = Files.writeString(dir.resolve("a.npy"), "before");
    try (NpyWriter writer = new NpyWriter(file, 2)) {
      writer.add(new float[2]);
      assertThatThrownBy(() -> writer.add(new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a row has 3 values, expected 2");
    }
    assertThat(file).hasContent("before");
    assertThat(dir.toFile().list()).containsExactly("a.npy");
    assertThatThrownBy(() -> new NpyWriter(file, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
