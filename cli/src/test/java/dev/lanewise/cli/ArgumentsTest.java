package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {

  private static final String GARBLED = "caf\uFFFD\uFFFD";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void takesWhatJavaDecoded() throws IOException {
    assertThat(Arguments.of(new String[] {"tokenize", "café"})).containsExactly("tokenize", "café");
  }

  @Test
  void readsGarbledArgumentsAgain() throws IOException {
    byte[] commandLine = bytes("java\0-jar\0x.jar\0tokenize\0café\0");
    assertThat(Arguments.reread(List.of("tokenize", GARBLED), commandLine))
        .containsExactly("tokenize", "café");
  }

  @Test
  void readsAnEmptyArgumentAgain() throws IOException {
    byte[] commandLine = bytes("java\0-jar\0x.jar\0\0café\0");
    assertThat(Arguments.reread(List.of("", GARBLED), commandLine)).containsExactly("", "café");
  }

  @Test
  void keepsWhatCannotBeReadAgain() throws IOException {
    assertThat(Arguments.reread(List.of("a", GARBLED), bytes("java\0"))).contains(GARBLED);
  }

  @Test
  void refusesBytesThatAreNoText() {
    byte[] commandLine = {'j', 0, 'a', (byte) 0xFF, 0};
    assertThatThrownBy(() -> Arguments.reread(List.of("a\uFFFD"), commandLine))
        .isInstanceOf(InputException.class)
        .hasMessage("argument 1: not UTF-8 at byte 2");
  }

  @Test
  void survivesTheWayToAChild() {
    List<String> args = List.of("", "-", "café 👋", "a\nb");
    String ascii = Arguments.encode(args);
    assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(ascii)).isTrue();
    assertThat(Arguments.decode(ascii)).isEqualTo(args);
  }
}
