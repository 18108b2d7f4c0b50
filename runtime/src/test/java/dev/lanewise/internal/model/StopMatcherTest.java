package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against a search of the whole text. */
class StopMatcherTest {

  @Test
  void endsTheTextBeforeTheStringThatIsCompleteFirst() {
    assertThat(run(List.of("END"), "a EN", "D b")).isEqualTo("a |END");
    assertThat(run(List.of("abcd", "c"), "xabcd")).isEqualTo("xab|c");
    assertThat(run(List.of("bc", "abc", "c"), "xabc")).isEqualTo("x|abc");
    assertThat(run(List.of("aab"), "aaa", "ab")).isEqualTo("aa|aab");
    assertThat(run(List.of("\n\n"), "a\n", "b\n", "c\n")).isEqualTo("a\nb\nc\n|null");
    assertThat(run(List.of("x"), "x")).isEqualTo("|x");
  }

  @Test
  void givesTheSameHoweverTheTextIsCutAndTellsNoPartOfAString() {
    Random random = new Random(11);
    for (int run = 0; run < 20_000; run++) {
      List<String> stops = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        stops.add(text(random, 1 + random.nextInt(4)));
      }
      String text = text(random, random.nextInt(14));
      String expected = oracle(stops, text);
      StopMatcher matcher = new StopMatcher(stops);
      StringBuilder told = new StringBuilder();
      for (int at = 0; at < text.length(); ) {
        int end = Math.min(text.length(), at + 1 + random.nextInt(3));
        told.append(matcher.next(text.substring(at, end)));
        assertThat(expected).as("%s in %s", stops, text).startsWith(told.toString());
        at = end;
      }
      told.append(matcher.finish());
      assertThat(told + "|" + matcher.found()).as("%s in %s", stops, text).isEqualTo(expected);
    }
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(List.of("a", "a", "b", "\ud83d\ude00").get(random.nextInt(4)));
    }
    return text.toString();
  }

  /** The first end of any string, and the longest string that ends there. */
  private static String oracle(List<String> stops, String text) {
    for (int end = 1; end <= text.length(); end++) {
      String before = text.substring(0, end);
      String longest = null;
      for (String stop : stops) {
        if (before.endsWith(stop) && (longest == null || stop.length() > longest.length())) {
          longest = stop;
        }
      }
      if (longest != null) {
        return before.substring(0, end - longest.length()) + "|" + longest;
      }
    }
    return text + "|null";
  }

  private static String run(List<String> stops, String... pieces) {
    StopMatcher matcher = new StopMatcher(stops);
    StringBuilder told = new StringBuilder();
    for (String piece : pieces) {
      told.append(matcher.next(piece));
    }
    return told.append(matcher.finish()) + "|" + matcher.found();
  }
}
