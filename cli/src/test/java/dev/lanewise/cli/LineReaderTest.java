package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineReaderTest {

  private static List<String> lines(byte... bytes) throws IOException {
    LineReader reader = new LineReader(new ByteArrayInputStream(bytes), "stdin");
    List<String> lines = new ArrayList<>();
    for (String line = reader.next(); line != null; line = reader.next()) {
      lines.add(line);
    }
    return lines;
  }

  private static List<String> lines(String text) throws IOException {
    return lines(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void splitsAtBothKindsOfLineEnd() throws IOException {
    assertThat(lines("a\nb\r\n\nc")).containsExactly("a", "b", "", "c");
  }

  @Test
  void addsNoLineAfterTheLastEnd() throws IOException {
    assertThat(lines("a\n")).containsExactly("a");
    assertThat(lines("")).isEmpty();
    assertThat(lines("\n")).containsExactly("");
  }

  @Test
  void keepsACarriageReturnInsideALine() throws IOException {
    assertThat(lines("a\rb\n")).containsExactly("a\rb");
  }

  @Test
  void dropsAByteOrderMarkBeforeTheFirstLineOnly() throws IOException {
    assertThat(lines("\uFEFFa\n\uFEFFb")).containsExactly("a", "\uFEFFb");
  }

  @Test
  void readsCharactersOfEveryLength() throws IOException {
    assertThat(lines("é你👋\n")).containsExactly("é你👋");
  }

  @Test
  void namesLineAndByteOfWhatIsNoUtf8() {
    assertThatThrownBy(() -> lines((byte) 'a', (byte) '\n', (byte) 'b', (byte) 0xE9, (byte) 'c'))
        .isInstanceOf(InputException.class)
        .hasMessage("line 2 of stdin: not UTF-8 at byte 2 (0xe9); convert the text to UTF-8");
  }

  @Test
  void refusesACharacterThatIsCutOff() {
    assertThatThrownBy(() -> lines((byte) 'a', (byte) 0xF0, (byte) 0x9F))
        .hasMessageStartingWith("line 1 of stdin: not UTF-8 at byte 2");
  }

  @Test
  void refusesAnEncodedSurrogate() {
    assertThatThrownBy(() -> lines((byte) 0xED, (byte) 0xA0, (byte) 0x80))
        .hasMessageStartingWith("line 1 of stdin: not UTF-8 at byte 1");
  }

  @Test
  void refusesALineWithoutEnd() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'a';
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            java.util.Arrays.fill(bytes, offset, offset + length, (byte) 'a');
            return length;
          }
        };
    assertThatThrownBy(() -> new LineReader(endless, "stdin").next())
        .hasMessage("line 1 of stdin: longer than 16 MiB, the limit for one line");
  }

  @Test
  void goesOnBehindALineThatWasTooLong() throws IOException {
    byte[] text = new byte[LineReader.MAX_LINE_BYTES + 10];
    java.util.Arrays.fill(text, (byte) 'a');
    text[text.length - 3] = '\n';
    LineReader lines = new LineReader(new ByteArrayInputStream(text), "stdin");
    assertThatThrownBy(lines::next).hasMessageContaining("line 1 of stdin: longer than 16 MiB");
    assertThat(lines.next()).isEqualTo("aa");
    assertThat(lines.where()).isEqualTo("line 2 of stdin");
  }
}
