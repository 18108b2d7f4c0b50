package dev.lanewise.internal.tokenizer;

import java.util.Arrays;
import java.util.List;

/**
 * Finds added tokens in one pass: at every place the longest that starts there, going on behind it.
 * A trie over bytes. Immutable.
 */
final class TokenFinder {

  /** Takes what is found, in order; together it is the whole text. */
  interface Sink {
    /** Text without tokens, never empty. */
    void text(byte[] bytes, int from, int to);

    /** An added token. */
    void token(int id);
  }

  /** What a token is looked for by. */
  record Entry(ByteBuilder key, AddedToken token) {}

  private static final int NONE = -1;

  private final List<Entry> entries;

  /** Node after the first byte, or NONE. */
  private final int[] roots = new int[256];

  // A node: the byte that leads to it, its first child, its next sibling, the entry that ends here.
  private byte[] labels = new byte[16];
  private int[] children = new int[16];
  private int[] siblings = new int[16];
  private int[] ends = new int[16];
  private int nodes;

  TokenFinder(List<Entry> entries) {
    this.entries = List.copyOf(entries);
    Arrays.fill(roots, NONE);
    for (int e = 0; e < entries.size(); e++) {
      insert(entries.get(e).key(), e);
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  private void insert(ByteBuilder content, int entry) {
    if (content.size == 0) {
      return;
    }
    byte[] key = content.array;
    int node = roots[key[0] & 0xFF];
    if (node == NONE) {
      node = roots[key[0] & 0xFF] = newNode(key[0], NONE);
    }
    for (int i = 1; i < content.size; i++) {
      int child = child(node, key[i]);
      if (child == NONE) {
        child = newNode(key[i], children[node]);
        children[node] = child;
      }
      node = child;
    }
    if (ends[node] == NONE) {
      ends[node] = entry;
    }
  }

  private int newNode(byte label, int sibling) {
    if (nodes == labels.length) {
      labels = Arrays.copyOf(labels, 2 * nodes);
      children = Arrays.copyOf(children, 2 * nodes);
      siblings = Arrays.copyOf(siblings, 2 * nodes);
      ends = Arrays.copyOf(ends, 2 * nodes);
    }
    labels[nodes] = label;
    children[nodes] = NONE;
    siblings[nodes] = sibling;
    ends[nodes] = NONE;
    return nodes++;
  }

  private int child(int node, byte label) {
    int child = children[node];
    while (child != NONE && labels[child] != label) {
      child = siblings[child];
    }
    return child;
  }

  /**
   * Splits {@code bytes[from, to)}.
   *
   * @param specials whether control tokens are found; if not, what they cover is text
   */
  void split(byte[] bytes, int from, int to, boolean specials, Sink sink) {
    int open = from;
    int i = from;
    while (i < to) {
      int entry = roots[bytes[i] & 0xFF] == NONE ? NONE : longest(bytes, i, to);
      if (entry == NONE) {
        i++;
        continue;
      }
      AddedToken token = entries.get(entry).token();
      int start = i;
      int end = i + entries.get(entry).key().size;
      i = end;
      if ((token.special() && !specials)
          || (token.singleWord() && !standsAlone(bytes, from, start, end, to))) {
        continue;
      }
      if (token.lstrip()) {
        start = spacesBefore(bytes, open, start);
      }
      if (token.rstrip()) {
        end = spacesAfter(bytes, end, to);
      }
      if (open < start) {
        sink.text(bytes, open, start);
      }
      sink.token(token.id());
      open = end;
      i = end;
    }
    if (open < to) {
      sink.text(bytes, open, to);
    }
  }

  private int longest(byte[] bytes, int at, int to) {
    int found = NONE;
    int node = roots[bytes[at] & 0xFF];
    int i = at;
    while (node != NONE) {
      if (ends[node] != NONE) {
        found = ends[node];
      }
      i++;
      node = i < to ? child(node, bytes[i]) : NONE;
    }
    return found;
  }

  private static boolean standsAlone(byte[] bytes, int from, int start, int end, int to) {
    return (start == from || !CharClass.isWord(Utf8.codePoint(bytes, Utf8.previous(bytes, start))))
        && (end == to || !CharClass.isWord(Utf8.codePoint(bytes, end)));
  }

  private static int spacesBefore(byte[] bytes, int open, int start) {
    int at = start;
    while (at > open) {
      int previous = Utf8.previous(bytes, at);
      if (!CharClass.isSpace(Utf8.codePoint(bytes, previous))) {
        break;
      }
      at = previous;
    }
    return at;
  }

  private static int spacesAfter(byte[] bytes, int end, int to) {
    int at = end;
    while (at < to && CharClass.isSpace(Utf8.codePoint(bytes, at))) {
      at += Utf8.length(bytes[at]);
    }
    return at;
  }
}
