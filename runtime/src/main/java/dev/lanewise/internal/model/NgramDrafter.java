package dev.lanewise.internal.model;

/**
 * Guesses that the text goes on as it did the last time that its last tokens stood in it ("Prompt
 * Lookup Decoding", Saxena 2023).
 */
final class NgramDrafter implements Drafter {

  /** Tokens that must have stood there before: the longest first. */
  private static final int LONGEST = 4;

  private static final int SHORTEST = 2;

  @Override
  public int draft(int[] ids, int length, int[] draft) {
    int bestLength = SHORTEST - 1;
    int after = length;
    for (int end = length - 1; end >= SHORTEST && bestLength < LONGEST; end--) {
      int common = 0;
      while (common < LONGEST
          && common < end
          && ids[end - 1 - common] == ids[length - 1 - common]) {
        common++;
      }
      if (common > bestLength) {
        bestLength = common;
        after = end;
      }
    }
    int count = Math.min(draft.length, length - after);
    System.arraycopy(ids, after, draft, 0, count);
    return count;
  }
}
