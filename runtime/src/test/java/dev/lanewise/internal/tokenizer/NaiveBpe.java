package dev.lanewise.internal.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Byte-pair encoding as the definition reads, on strings, in quadratic time. */
final class NaiveBpe {

  private final Map<List<String>, Integer> ranks = new HashMap<>();

  NaiveBpe(List<List<String>> merges) {
    for (List<String> merge : merges) {
      ranks.put(merge, ranks.size());
    }
  }

  List<String> encode(String word) {
    List<String> pieces = new ArrayList<>();
    word.codePoints().forEach(c -> pieces.add(Character.toString(c)));
    while (true) {
      int best = -1;
      int lowest = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < pieces.size(); i++) {
        int rank = ranks.getOrDefault(pieces.subList(i, i + 2), Integer.MAX_VALUE);
        if (rank < lowest) {
          lowest = rank;
          best = i;
        }
      }
      if (best < 0) {
        return pieces;
      }
      pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
    }
  }
}
