package dev.lanewise.bench.peers.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The expected bytes are those of the examples in "Encoding", protobuf.dev, or follow from it. */
class ProtoMessageTest {

  @Test
  void integersAreVarints() throws IOException {
    assertThat(hex(new ProtoMessage().integer(1, 150))).isEqualTo("089601");
    assertThat(hex(new ProtoMessage().integer(1, 0))).isEqualTo("0800");
    assertThat(hex(new ProtoMessage().integer(2, -2))).isEqualTo("10feffffffffffffffff01");
    assertThat(hex(new ProtoMessage().integer(20, 127))).isEqualTo("a0017f");
  }

  @Test
  void textAndMessagesHaveTheirLengthBeforeThem() throws IOException {
    assertThat(hex(new ProtoMessage().text(2, "testing"))).isEqualTo("120774657374696e67");
    ProtoMessage inner = new ProtoMessage().integer(1, 150);
    assertThat(hex(new ProtoMessage().content(3, inner))).isEqualTo("1a03089601");
    assertThat(hex(new ProtoMessage().text(2, "é"))).isEqualTo("1202c3a9");
    assertThat(hex(new ProtoMessage().text(2, "x".repeat(128)))).startsWith("12800178");
  }

  @Test
  void floatsAreFourBytesLowestFirst() throws IOException {
    assertThat(hex(new ProtoMessage().real(2, 1f))).isEqualTo("150000803f");
    assertThat(hex(new ProtoMessage().real(2, -0f))).isEqualTo("1500000080");
  }

  private static String hex(ProtoMessage message) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out);
    assertThat(message.length()).isEqualTo(out.size());
    return HexFormat.of().formatHex(out.toByteArray());
  }
}
