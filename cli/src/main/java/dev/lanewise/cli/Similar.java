package dev.lanewise.cli;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the word that was meant. */
final class Similar {

  private Similar() {}

  /**
   * The word that fewest edits make of {@code typed}; null if all need more edits than a third of
   * their letters.
   */
  static @Nullable String to(String typed, Collection<String> words) {
    String best = null;
    int fewest = Integer.MAX_VALUE;
    for (String word : words) {
      int edits = edits(typed, word);
      if (edits <= word.length() / 3 && edits < fewest) {
        best = word;
        fewest = edits;
      }
    }
    return best;
  }

  /** Letters to insert, delete or replace (Levenshtein 1966), row by row. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
