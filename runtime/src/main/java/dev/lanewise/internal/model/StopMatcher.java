package dev.lanewise.internal.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for stop strings in a text that comes in pieces, and holds back what may be the beginning
 * of one. Where a stop string ends first, the text ends before it; of several that end at one place
 * the longest counts. So the result does not depend on how the text is cut. Not thread-safe.
 *
 * <p>Each string has its automaton (Knuth, Morris, Pratt 1977): a step costs one comparison on
 * average, whatever the strings are.
 */
final class StopMatcher {

  private final String[] stops;

  /** Of each string and each of its prefixes: the longest shorter prefix that ends it. */
  private final int[][] borders;

  /** Of each string: how much of it the text ends with. */
  private final int[] matched;

  /** The end of the text, which was not released. */
  private final StringBuilder held = new StringBuilder();

  private @Nullable String found;

  /**
   * Of strings that are not empty.
   *
   * @param stops at least one
   */
  StopMatcher(List<String> stops) {
    this.stops = stops.toArray(String[]::new);
    this.borders = stops.stream().map(StopMatcher::borders).toArray(int[][]::new);
    this.matched = new int[this.stops.length];
  }

  private static int[] borders(String stop) {
    int[] borders = new int[stop.length() + 1];
    int border = 0;
    for (int i = 1; i < stop.length(); i++) {
      while (border > 0 && stop.charAt(i) != stop.charAt(border)) {
        border = borders[border];
      }
      if (stop.charAt(i) == stop.charAt(border)) {
        border++;
      }
      borders[i + 1] = border;
    }
    return borders;
  }

  /** The stop string that was found. */
  @Nullable String found() {
    return found;
  }

  /** Takes a piece, and gives what now surely stands before any stop string. */
  String next(String piece) {
    if (found != null || piece.isEmpty()) {
      return "";
    }
    int longest = 0;
    for (int i = 0; i < piece.length() && found == null; i++) {
      held.append(piece.charAt(i));
      longest = step(piece.charAt(i));
    }
    return release(longest);
  }

  /** Takes a character, and gives how much of a stop string the text ends with. */
  private int step(char c) {
    int longest = 0;
    for (int s = 0; s < stops.length; s++) {
      matched[s] = step(stops[s], borders[s], matched[s], c);
      if (matched[s] > longest) {
        longest = matched[s];
      }
      if (matched[s] == stops[s].length() && (found == null || matched[s] > found.length())) {
        found = stops[s];
      }
    }
    return longest;
  }

  private static int step(String stop, int[] borders, int matched, char c) {
    int now = matched;
    while (now > 0 && stop.charAt(now) != c) {
      now = borders[now];
    }
    return stop.charAt(now) == c ? now + 1 : 0;
  }

  /** Gives all but the last {@code kept} characters, or what stands before the stop string. */
  private String release(int kept) {
    int end = held.length() - (found == null ? kept : found.length());
    String text = held.substring(0, end);
    held.delete(0, end);
    return text;
  }

  /** What was held back, where the text has ended without a stop string. */
  String finish() {
    return found == null ? release(0) : "";
  }
}
