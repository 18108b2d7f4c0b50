package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SnappyTest {

  private static byte[] unpack(String hex) throws IOException {
    byte[] packed = HexFormat.of().parseHex(hex.replace(" ", ""));
    return Snappy.unpack(new ByteCursor("t", packed, 0, packed.length), 100_000);
  }

  private static void assertRefused(String hex, String words) {
    assertThatThrownBy(() -> unpack(hex))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("t: ")
        .hasMessageContaining(words);
  }

  private static String text(String hex) throws IOException {
    return new String(unpack(hex), US_ASCII);
  }

  @Test
  void unpacksLiteralsAndCopies() throws IOException {
    assertThat(unpack("00")).isEmpty();
    assertThat(text("03 08 616263")).isEqualTo("abc");
    assertThat(text("03 f0 02 616263")).isEqualTo("abc");
    assertThat(text("03 f4 0200 616263")).isEqualTo("abc");
    assertThat(text("03 f8 020000 616263")).isEqualTo("abc");
    assertThat(text("03 fc 02000000 616263")).isEqualTo("abc");
    // Copies of one, two and four bytes of distance; the first runs into itself.
    assertThat(text("09 04 6162 0d 02")).isEqualTo("ababababa");
    assertThat(text("05 04 6162 0a 0200")).isEqualTo("ababa");
    assertThat(text("05 04 6162 0b 02000000")).isEqualTo("ababa");
  }

  @Test
  void unpacksWhatTheReferencePacked() throws IOException {
    assertThat(text(PACKED)).isEqualTo("model/h0/attn/c_attn/w ".repeat(40) + "and an end");
  }

  private static final String PACKED =
      "a2073c6d6f64656c2f68302f6174746e2f635f0507047720fe1700fe1700fe1700fe1700fe1700fe"
          + "1700fe1700fe1700fe1700fe1700fe1700fe1700fe1700ee1700051724616e6420616e20656e64";

  @Test
  void refusesWhatIsTooLong() {
    assertRefused("a18d06", "unpacks to 100001 bytes, supported are up to 100000");
    assertRefused("ffffffffffffffffff01", "unpacks to 18446744073709551615 bytes");
    assertRefused("02 08 616263", "unpacks to more bytes than it says");
    assertRefused("03 04 6162 0d 02", "unpacks to more bytes than it says");
    assertRefused("03 fc ffffffff 616263", "unpacks to more bytes than it says");
  }

  @Test
  void refusesWhatIsTooShort() {
    assertRefused("", "the unpacked length needs 1 bytes");
    assertRefused("04 08 616263", "unpacks to 3 bytes, expected 4");
    assertRefused("03 08 6162", "a literal needs 3 bytes");
    assertRefused("03 f0", "the length of a literal needs 1 bytes");
    assertRefused("05 04 6162 0a 02", "a distance needs 2 bytes");
    assertRefused("05 04 6162 09", "a distance needs 1 bytes");
    assertRefused("05 04 6162 0b 020000", "a distance needs 4 bytes");
  }

  @Test
  void refusesCopiesFromOutside() {
    assertRefused("09 04 6162 0d 03", "copies from 3 bytes before, where 2 are unpacked");
    assertRefused("09 04 6162 0d 00", "copies from 0 bytes before");
    assertRefused("09 04 6162 0b ffffffff", "copies from 4294967295 bytes before");
  }
}
