package dev.lanewise.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MarkdownTest {

  @Test
  void alignsItsColumns() {
    Markdown table = new Markdown("name", "ms");
    table.row("a longer one", "1");
    table.row("b|c", "2.5");
    assertThat(table.text())
        .isEqualTo(
            """
            | name         | ms  |
            |--------------|-----|
            | a longer one | 1   |
            | b\\|c         | 2.5 |
            """);
  }

  @Test
  void refusesARowOfAnotherWidth() {
    assertThatThrownBy(() -> new Markdown("a").row("b", "c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 cells in a table of 1 columns");
  }
}
