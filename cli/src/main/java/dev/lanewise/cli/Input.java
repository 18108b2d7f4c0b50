package dev.lanewise.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing to work on: a text, perhaps after a context, or ids. */
final class Input {

  private final String where;
  private final @Nullable String text;
  private final int @Nullable [] ids;
  private final @Nullable String context;
  private final @Nullable String pair;
  private final @Nullable List<String> choices;

  private Input(
      String where,
      @Nullable String text,
      int @Nullable [] ids,
      @Nullable String context,
      @Nullable String pair,
      @Nullable List<String> choices) {
    this.where = where;
    this.text = text;
    this.ids = ids;
    this.context = context;
    this.pair = pair;
    this.choices = choices;
  }

  static Input ofText(String where, String text, @Nullable String context) {
    return new Input(where, text, null, context, null, null);
  }

  static Input ofPair(String where, String text, String pair) {
    return new Input(where, text, null, null, pair, null);
  }

  static Input ofChoices(String where, String text, List<String> choices) {
    return new Input(where, text, null, null, null, List.copyOf(choices));
  }

  static Input ofIds(String where, int[] ids) {
    return new Input(where, null, ids, null, null, null);
  }

  /** For messages: "line 3 of stdin", or "" where there is only one input. */
  String where() {
    return where;
  }

  /** The text, or null where ids are given. */
  @Nullable String text() {
    return text;
  }

  /** The ids; empty where a text is given. */
  int[] ids() {
    return ids == null ? new int[0] : ids.clone();
  }

  /** What the text follows, if the input says so. */
  @Nullable String context() {
    return context;
  }

  /** A second text, if the input has one. */
  @Nullable String pair() {
    return pair;
  }

  /** Answers to choose from, if the input has some. */
  @Nullable List<String> choices() {
    return choices;
  }

  /** For people, on one line. */
  String label() {
    return text == null ? java.util.Arrays.toString(ids()) : Console.printable(text);
  }
}
