package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MergeScratchTest {

  private static final String ALPHABET = "abcd";

  /** Random merges over few letters, so that words merge deeply and ranks clash. */
  private static final class RandomModel {
    final Map<String, Integer> ids = new LinkedHashMap<>();
    final List<List<String>> merges = new ArrayList<>();

    RandomModel(Random random, int count) {
      for (String c : List.of("a", "b", "c", "d")) {
        ids.put(c, ids.size());
      }
      List<String> pieces = new ArrayList<>(ids.keySet());
      Set<List<String>> distinct = new LinkedHashSet<>();
      while (distinct.size() < count) {
        String left = pieces.get(random.nextInt(pieces.size()));
        String right = pieces.get(random.nextInt(pieces.size()));
        if (left.length() + right.length() <= 8 && distinct.add(List.of(left, right))) {
          if (ids.putIfAbsent(left + right, ids.size()) == null) {
            pieces.add(left + right);
          }
        }
      }
      merges.addAll(distinct);
    }

    int id(String piece) {
      return ids.getOrDefault(piece, -1);
    }

    void add(String left, String right) {
      ids.putIfAbsent(left + right, ids.size());
      merges.add(List.of(left, right));
    }

    MergeTable table() {
      MergeTable table = new MergeTable(merges.size());
      for (int rank = 0; rank < merges.size(); rank++) {
        String left = merges.get(rank).get(0);
        String right = merges.get(rank).get(1);
        table.put(rank, id(left), id(right), id(left + right));
      }
      return table;
    }

    int[] symbols(String word) {
      return word.chars().map(c -> id(Character.toString(c))).toArray();
    }

    int[] expected(String word) {
      return new NaiveBpe(merges).encode(word).stream().mapToInt(this::id).toArray();
    }
  }

  private static String randomWord(Random random, int length) {
    StringBuilder word = new StringBuilder();
    while (word.length() < length) {
      char c = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
      int run = random.nextInt(4) == 0 ? 1 + random.nextInt(12) : 1;
      word.repeat(c, Math.min(run, length - word.length()));
    }
    return word.toString();
  }

  private static int[] merged(MergeScratch scratch, int[] symbols, boolean heap) {
    scratch.reserve(symbols.length);
    System.arraycopy(symbols, 0, scratch.symbols, 0, symbols.length);
    int count = heap ? scratch.mergeLong(symbols.length) : scratch.mergeShort(symbols.length);
    return Arrays.copyOf(scratch.symbols, count);
  }

  @Test
  void bothWaysEqualTheDefinition() {
    Random random = new Random(1811);
    for (int round = 0; round < 200; round++) {
      RandomModel model = new RandomModel(random, 1 + random.nextInt(60));
      MergeScratch scratch = new MergeScratch(model.table());
      for (int word = 0; word < 30; word++) {
        String text = randomWord(random, 1 + random.nextInt(120));
        int[] expected = model.expected(text);
        assertThat(merged(scratch, model.symbols(text), false)).as(text).isEqualTo(expected);
        assertThat(merged(scratch, model.symbols(text), true)).as(text).isEqualTo(expected);
      }
    }
  }

  @Test
  void everyLengthAroundTheSwitchEqualsTheDefinition() {
    Random random = new Random(2016);
    RandomModel model = new RandomModel(random, 80);
    MergeScratch scratch = new MergeScratch(model.table());
    for (int length = 0; length <= 2 * MergeScratch.LONG + 3; length++) {
      String text = randomWord(random, length);
      int[] symbols = model.symbols(text);
      scratch.reserve(length);
      System.arraycopy(symbols, 0, scratch.symbols, 0, length);
      int count = scratch.merge(length);
      assertThat(Arrays.copyOf(scratch.symbols, count)).isEqualTo(model.expected(text));
    }
  }

  @Test
  void workGrowsNearlyInProportionToTheWord() {
    Random random = new Random(5);
    RandomModel model = new RandomModel(new Random(40478), 200);
    assertNearLinear(model, randomWord(random, 50_000), randomWord(random, 400_000));
  }

  @Test
  void workGrowsNearlyInProportionToARunOfEqualLetters() {
    RandomModel model = new RandomModel(new Random(7), 0);
    model.add("a", "a");
    model.add("aa", "aa");
    model.add("aaaa", "aaaa");
    assertNearLinear(model, "a".repeat(50_000), "a".repeat(400_000));
    assertThat(merged(new MergeScratch(model.table()), model.symbols("a".repeat(400_001)), true))
        .hasSize(50_001);
  }

  /** Eight times the letters: n log n is 8 x 18.6 / 15.6 = 9.6 times the work, n squared 64. */
  private static void assertNearLinear(RandomModel model, String small, String large) {
    assertThat((double) steps(model, large) / steps(model, small)).isBetween(6.0, 11.0);
    assertThat(steps(model, large)).isLessThan(64L * large.length());
  }

  private static long steps(RandomModel model, String word) {
    MergeScratch scratch = new MergeScratch(model.table());
    int[] symbols = model.symbols(word);
    scratch.reserve(symbols.length);
    System.arraycopy(symbols, 0, scratch.symbols, 0, symbols.length);
    scratch.merge(symbols.length);
    return scratch.steps;
  }
}
