package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonInputTest {

  private static Input parse(String line) throws IOException {
    return JsonInput.parse("line 7 of stdin", line, false);
  }

  @Test
  void takesAString() throws IOException {
    assertThat(parse("\"caf\\u00e9\"").text()).isEqualTo("café");
  }

  @Test
  void takesAnObjectWithText() throws IOException {
    Input input = parse("{\"id\": 5, \"text\": \"a\", \"context\": \"b\", \"more\": [{}]}");
    assertThat(input.text()).isEqualTo("a");
    assertThat(input.context()).isEqualTo("b");
    assertThat(input.where()).isEqualTo("line 7 of stdin");
  }

  @Test
  void takesAnObjectWithIds() throws IOException {
    Input input = parse("{\"ids\": [3, -1, 2147483647]}");
    assertThat(input.text()).isNull();
    assertThat(input.ids()).containsExactly(3, -1, Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "{",
        "\"a\" \"b\"",
        "5",
        "null",
        "[\"a\"]",
        "{}",
        "{\"text\": 5}",
        "{\"text\": null}",
        "{\"text\": \"a\", \"text\": \"b\"}",
        "{\"text\": \"a\", \"ids\": [1]}",
        "{\"ids\": 1}",
        "{\"ids\": [1.5]}",
        "{\"ids\": [\"1\"]}",
        "{\"ids\": [2147483648]}",
        "{\"ids\": [1e99]}",
        "{\"ids\": [1], \"context\": \"a\"}",
        "{\"text\": \"a\", \"pair\": \"b\"}",
        "{\"text\": \"a\", \"choices\": [\"b\"]}",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "{\"text\": \"a\\ud83d\"}"
      })
  void refusesAnythingElseAndSaysWhere(String line) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("line 7 of stdin: ");
  }
}
