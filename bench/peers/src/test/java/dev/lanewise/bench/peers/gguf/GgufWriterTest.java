package dev.lanewise.bench.peers.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Read back by hand, as the format's description says. */
class GgufWriterTest {

  @Test
  void writesHeaderMetadataAndAlignedTensors() throws IOException {
    GgufWriter writer =
        new GgufWriter()
            .text("t", "gpt2")
            .integer("i", 7)
            .real("r", 1.5f)
            .flag("f", true)
            .texts("ts", List.of("a", "é"))
            .integers("is", new int[] {3, -1})
            .tensor("m", GgufType.F32, () -> new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
            .tensor("v", GgufType.F32, () -> new float[] {7}, 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.writeTo(out);
    ByteBuffer file = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(file.getInt()).isEqualTo(0x46554747);
    assertThat(file.getInt()).isEqualTo(3);
    assertThat(file.getLong()).isEqualTo(2);
    assertThat(file.getLong()).isEqualTo(6);
    key(file, "t", 8);
    assertThat(string(file)).isEqualTo("gpt2");
    key(file, "i", 4);
    assertThat(file.getInt()).isEqualTo(7);
    key(file, "r", 6);
    assertThat(file.getFloat()).isEqualTo(1.5f);
    key(file, "f", 7);
    assertThat(file.get()).isEqualTo((byte) 1);
    key(file, "ts", 9);
    assertThat(file.getInt()).isEqualTo(8);
    assertThat(file.getLong()).isEqualTo(2);
    assertThat(string(file)).isEqualTo("a");
    assertThat(string(file)).isEqualTo("é");
    key(file, "is", 9);
    assertThat(file.getInt()).isEqualTo(5);
    assertThat(file.getLong()).isEqualTo(2);
    assertThat(file.getInt()).isEqualTo(3);
    assertThat(file.getInt()).isEqualTo(-1);
    assertThat(string(file)).isEqualTo("m");
    assertThat(file.getInt()).isEqualTo(2);
    assertThat(file.getLong()).isEqualTo(3); // the length of a row comes first
    assertThat(file.getLong()).isEqualTo(2);
    assertThat(file.getInt()).isZero();
    assertThat(file.getLong()).isZero();
    assertThat(string(file)).isEqualTo("v");
    assertThat(file.getInt()).isEqualTo(1);
    assertThat(file.getLong()).isEqualTo(1);
    assertThat(file.getInt()).isZero();
    assertThat(file.getLong()).isEqualTo(32);
    int data = (file.position() + 31) / 32 * 32;
    assertThat(file.getFloat(data)).isEqualTo(1);
    assertThat(file.getFloat(data + 20)).isEqualTo(6);
    assertThat(file.getFloat(data + 32)).isEqualTo(7);
    assertThat(file.capacity()).isEqualTo(data + 64);
  }

  @Test
  void halvesAreTwoBytes() throws IOException {
    assertThat(bytes(GgufType.F16, 1, -2)).containsExactly(0, 0x3c, 0, 0xc0);
  }

  @Test
  void aBlockOfEightBitsHasTheLargestAt127() throws IOException {
    float[] values = new float[32];
    values[0] = -127;
    values[1] = 63.5f;
    values[31] = 1;
    byte[] block = bytes(GgufType.Q8_0, values);
    assertThat(block).hasSize(34).startsWith(0, 0x3c, 0x81, 64, 0).endsWith(0, 1);
  }

  @Test
  void aBlockOfFourBitsHasTheLargestAt0AndZeroAt8() throws IOException {
    float[] values = new float[32];
    values[0] = 8;
    values[1] = -7;
    values[16] = 1;
    byte[] block = bytes(GgufType.Q4_0, values);
    assertThat(block).hasSize(18).startsWith(0, 0xbc, 0x70, 0x8f, 0x88).endsWith(0x88);
  }

  @Test
  void refusesHalfABlock() {
    assertThatThrownBy(() -> bytes(GgufType.Q8_0, 1, 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 values are no multiple of 32");
  }

  private static byte[] bytes(GgufType type, float... values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    type.content(values.length, () -> values).writeTo(out);
    return out.toByteArray();
  }

  private static void key(ByteBuffer file, String name, int type) {
    assertThat(string(file)).isEqualTo(name);
    assertThat(file.getInt()).isEqualTo(type);
  }

  private static String string(ByteBuffer file) {
    byte[] bytes = new byte[Math.toIntExact(file.getLong())];
    file.get(bytes);
    return new String(bytes, UTF_8);
  }
}
