package dev.lanewise.internal.tokenizer;

/** How the ids of one text or two are put together with special tokens. Immutable. */
final class Template {

  /** Stands for the first text's ids. */
  static final int FIRST = -1;

  /** Stands for the second text's ids. */
  static final int SECOND = -2;

  /** A text alone. */
  static final Template PLAIN = new Template(FIRST);

  private final int[] items;

  /** A template of ids, {@link #FIRST} and {@link #SECOND}. */
  Template(int... items) {
    this.items = items.clone();
  }

  int[] apply(int[] first, int[] second) {
    long length = 0;
    for (int item : items) {
      length += item == FIRST ? first.length : item == SECOND ? second.length : 1;
    }
    int[] ids = new int[Math.toIntExact(length)];
    int size = 0;
    for (int item : items) {
      if (item >= 0) {
        ids[size++] = item;
      } else {
        int[] text = item == FIRST ? first : second;
        System.arraycopy(text, 0, ids, size, text.length);
        size += text.length;
      }
    }
    return ids;
  }
}
