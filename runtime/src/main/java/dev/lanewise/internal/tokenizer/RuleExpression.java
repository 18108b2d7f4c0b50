package dev.lanewise.internal.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The part of Python's regular expressions that the English rules need, over code points:
 * alternatives, literals, classes, {@code +}, groups, looking ahead and behind, anchors. Classes
 * are bit sets: those of the rules have a thousand ranges, which the JDK's expressions walk through
 * one inside the other for every character. Immutable and thread-safe.
 */
final class RuleExpression {

  /** A step; {@code at} and the result are places in the text, or -1. */
  private interface Node {
    int match(String text, int from, int to, int at);
  }

  private static final Node ACCEPT = (text, from, to, at) -> at;

  private final Node start;

  private RuleExpression(Node start) {
    this.start = start;
  }

  /**
   * Translates an expression.
   *
   * @throws IllegalArgumentException if it needs more than this knows
   */
  static RuleExpression of(String python) {
    Parser parser = new Parser(python);
    Node node = parser.alternatives(ACCEPT);
    if (parser.at != python.length()) {
      throw parser.unsupported();
    }
    return new RuleExpression(node);
  }

  /** The end of a match of {@code text[from, to)} that begins at {@code at}, or -1. */
  int matchAt(String text, int from, int to, int at) {
    return start.match(text, from, to, at);
  }

  /** Builds the steps back to front: each knows what follows it. */
  private static final class Parser {

    private final String source;
    private final Map<String, BitSet> classes = new HashMap<>();
    private int at;

    Parser(String source) {
      this.source = source;
    }

    IllegalArgumentException unsupported() {
      return new IllegalArgumentException("no such expression: at character " + at);
    }

    private boolean take(String token) {
      if (!source.startsWith(token, at)) {
        return false;
      }
      at += token.length();
      return true;
    }

    Node alternatives(Node next) {
      List<Node> options = new ArrayList<>();
      do {
        options.add(sequence(next));
      } while (take("|"));
      return options.size() == 1 ? options.getFirst() : branch(options.toArray(Node[]::new));
    }

    private static Node branch(Node[] options) {
      return (text, from, to, at) -> {
        for (Node option : options) {
          int end = option.match(text, from, to, at);
          if (end >= 0) {
            return end;
          }
        }
        return -1;
      };
    }

    private Node sequence(Node next) {
      if (at == source.length() || source.charAt(at) == '|' || source.charAt(at) == ')') {
        return next;
      }
      if (take("^")) {
        Node rest = sequence(next);
        return (text, from, to, i) -> i == from ? rest.match(text, from, to, i) : -1;
      }
      if (take("$")) {
        Node rest = sequence(next);
        return (text, from, to, i) -> i == to ? rest.match(text, from, to, i) : -1;
      }
      if (source.startsWith("(?", at)) {
        return group(next);
      }
      BitSet set = take("[") ? set() : single(codePoint());
      if (take("+")) {
        return plus(set, sequence(next));
      }
      Node rest = sequence(next);
      return (text, from, to, i) -> {
        int end = step(set, text, to, i);
        return end < 0 ? -1 : rest.match(text, from, to, end);
      };
    }

    private Node group(Node next) {
      if (take("(?:")) {
        // What follows the group is needed first, and stands behind it.
        int body = at;
        skipGroup();
        Node rest = sequence(next);
        int after = at;
        at = body;
        Node node = alternatives(rest);
        at = after;
        return node;
      }
      boolean behind = source.startsWith("(?<", at);
      boolean negative = source.charAt(at + (behind ? 3 : 2)) == '!';
      if (!take(behind ? "(?<" : "(?") || !take(negative ? "!" : "=")) {
        throw unsupported();
      }
      int body = at;
      int width = behind ? skipGroup() : 0;
      at = body;
      Node looked = alternatives(ACCEPT);
      if (!take(")")) {
        throw unsupported();
      }
      Node rest = sequence(next);
      return (text, from, to, i) -> {
        int back = behind ? back(text, from, i, width) : i;
        int end = back < 0 ? -1 : looked.match(text, from, to, back);
        boolean seen = end >= 0 && (!behind || end == i);
        return seen == negative ? -1 : rest.match(text, from, to, i);
      };
    }

    /** Goes behind the group's end and returns the code points of its first alternative. */
    private int skipGroup() {
      int width = 0;
      boolean first = true;
      while (!take(")")) {
        if (take("|")) {
          first = false;
        } else if (source.startsWith("(", at) || source.startsWith("+", at)) {
          throw unsupported();
        } else {
          if (take("[")) {
            set();
          } else {
            codePoint();
          }
          width += first ? 1 : 0;
        }
      }
      return width;
    }

    private int codePoint() {
      if (at == source.length() || "()*+?{}.".indexOf(source.charAt(at)) >= 0) {
        throw unsupported();
      }
      if (!take("\\")) {
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        return c;
      }
      int digits = take("u") ? 4 : take("U") ? 8 : 0;
      if (digits > 0) {
        int c = Integer.parseInt(source, at, at + digits, 16);
        at += digits;
        return c;
      }
      char c = source.charAt(at++);
      if (Character.isLetterOrDigit(c)) {
        throw unsupported();
      }
      return c;
    }

    private static BitSet single(int codePoint) {
      BitSet set = new BitSet();
      set.set(codePoint);
      return set;
    }

    /** The rest of a class, whose bracket is behind; in it nothing but escapes is special. */
    private BitSet set() {
      int begin = at;
      BitSet set = new BitSet();
      while (!take("]")) {
        int first = classCodePoint();
        if (source.charAt(at) == '-' && source.charAt(at + 1) != ']') {
          at++;
          set.set(first, classCodePoint() + 1);
        } else {
          set.set(first);
        }
      }
      return classes.computeIfAbsent(source.substring(begin, at), text -> set);
    }

    private int classCodePoint() {
      if (source.charAt(at) == '\\') {
        return codePoint();
      }
      int c = source.codePointAt(at);
      at += Character.charCount(c);
      return c;
    }

    private static int step(BitSet set, String text, int to, int at) {
      if (at >= to) {
        return -1;
      }
      int c = text.codePointAt(at);
      return set.get(c) ? at + Character.charCount(c) : -1;
    }

    private static int back(String text, int from, int at, int width) {
      int place = at;
      for (int i = 0; i < width; i++) {
        if (place <= from) {
          return -1;
        }
        place -= Character.charCount(text.codePointBefore(place));
      }
      return place;
    }

    private static Node plus(BitSet set, Node rest) {
      return (text, from, to, i) -> {
        int end = step(set, text, to, i);
        int last = -1;
        while (end >= 0) {
          last = end;
          end = step(set, text, to, end);
        }
        while (last > i) {
          int match = rest.match(text, from, to, last);
          if (match >= 0) {
            return match;
          }
          last -= Character.charCount(text.codePointBefore(last));
        }
        return -1;
      };
    }
  }
}
