package dev.lanewise.cli;

import org.jspecify.annotations.Nullable;

/**
 * A row of a file of texts.
 *
 * @param line on which it begins, from 1
 * @param input what to classify, or null if the row is bad
 * @param problem what is bad about it, with its place, or ""
 */
record Row(long line, @Nullable Input input, String problem) {

  static Row of(long line, Input input) {
    return new Row(line, input, "");
  }

  static Row bad(long line, String problem) {
    return new Row(line, null, problem);
  }
}
