package dev.lanewise.internal.tokenizer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * The third step of the 2018 release: words as spaCy's English tokenizer cuts them. Not
 * thread-safe; one for each call.
 *
 * <p>The algorithm, as spaCy documents it: split at white space; take an exception's pieces whole;
 * else cut prefixes and suffixes until there is nothing to cut or an exception is left; what
 * remains is a URL, or cut at its infixes. At the end, tokens side by side that spell an exception
 * become its pieces. Every step looks at a bounded part of the word, so that time stays
 * near-linear.
 */
final class EnglishSplit {

  /** Longer than any suffix but a run of dots, which is treated apart. */
  private static final int SUFFIX_REACH = 16;

  /** Longer words are not taken for URLs; the expression would run for long. */
  private static final int MAX_URL = 1_000;

  /** Part of the text. */
  private record Span(int from, int to) {}

  private final EnglishRules rules;
  private final String text;
  private final boolean exceptions;
  private final List<Span> tokens = new ArrayList<>();

  private EnglishSplit(EnglishRules rules, String text, boolean exceptions) {
    this.rules = rules;
    this.text = text;
    this.exceptions = exceptions;
  }

  /** The tokens of a text, white space between them included where it is more than a space. */
  static List<String> tokens(String text) {
    EnglishSplit split = new EnglishSplit(EnglishRules.get(), text, true);
    split.run();
    split.joinExceptions();
    return split.texts();
  }

  /** The tokens of a word that would be cut if it were no exception. */
  static List<String> withoutExceptions(EnglishRules rules, String word) {
    EnglishSplit split = new EnglishSplit(rules, word, false);
    split.run();
    return split.texts();
  }

  private List<String> texts() {
    List<String> texts = new ArrayList<>(tokens.size());
    for (Span token : tokens) {
      texts.add(text.substring(token.from(), token.to()));
    }
    return texts;
  }

  /** A single space after a token belongs to it; other white space is a token. */
  private void run() {
    int start = 0;
    int i = 0;
    boolean inSpace = !text.isEmpty() && PythonText.isSpace(text.codePointAt(0));
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (PythonText.isSpace(c) != inSpace) {
        if (start < i) {
          word(start, i);
        }
        start = c == ' ' ? i + 1 : i;
        inSpace = !inSpace;
      }
      i += Character.charCount(c);
    }
    if (start < i) {
      word(start, i);
    }
  }

  private boolean isException(int from, int to) {
    return exceptions
        && to > from
        && to - from <= rules.longest()
        && rules.exceptions().containsKey(text.substring(from, to));
  }

  /** Adds the pieces of an exception, which spell it. */
  private void addPieces(int from, int to, List<Span> out) {
    int at = from;
    List<String> pieces = rules.exceptions().getOrDefault(text.substring(from, to), List.of());
    for (String piece : pieces) {
      out.add(new Span(at, at + piece.length()));
      at += piece.length();
    }
  }

  private void word(int start, int end) {
    if (isException(start, end)) {
      addPieces(start, end, tokens);
      return;
    }
    int from = start;
    int to = end;
    Deque<Span> suffixes = new ArrayDeque<>();
    int before = -1;
    while (from < to && to - from != before && !isException(from, to)) {
      before = to - from;
      int cutFront = prefixLength(from, to);
      if (cutFront > 0 && isException(from + cutFront, to)) {
        tokens.add(new Span(from, from + cutFront));
        from += cutFront;
        break;
      }
      int cutBack = suffixLength(from + cutFront, to);
      if (cutBack > 0 && isException(from, to - cutBack)) {
        suffixes.push(new Span(to - cutBack, to));
        to -= cutBack;
        break;
      }
      if (cutFront > 0) {
        tokens.add(new Span(from, from + cutFront));
        from += cutFront;
      }
      if (cutBack > 0) {
        suffixes.push(new Span(to - cutBack, to));
        to -= cutBack;
      }
    }
    if (isException(from, to)) {
      addPieces(from, to, tokens);
    } else if (from < to) {
      rest(from, to);
    }
    tokens.addAll(suffixes);
  }

  private int prefixLength(int from, int to) {
    return Math.max(0, rules.prefix().matchAt(text, from, to, from) - from);
  }

  /** The longest: the search for it goes from left to right. */
  private int suffixLength(int from, int to) {
    int at = Math.max(from, to - SUFFIX_REACH);
    while (at > from && text.charAt(at) == '.') {
      at--;
    }
    if (at > from && Character.isLowSurrogate(text.charAt(at))) {
      at--;
    }
    while (at < to) {
      if (rules.suffix().matchAt(text, from, to, at) >= 0) {
        return to - at;
      }
      at += Character.charCount(text.codePointAt(at));
    }
    return 0;
  }

  private void rest(int from, int to) {
    if (to - from <= MAX_URL && rules.url().matcher(text).region(from, to).matches()) {
      tokens.add(new Span(from, to));
      return;
    }
    int start = from;
    int at = from + Character.charCount(text.codePointAt(from));
    while (at < to) {
      int end = rules.infix().matchAt(text, from, to, at);
      if (end < 0) {
        at += Character.charCount(text.codePointAt(at));
        continue;
      }
      if (at > start) {
        tokens.add(new Span(start, at));
      }
      tokens.add(new Span(at, end));
      start = end;
      at = end;
    }
    if (start < to) {
      tokens.add(new Span(start, to));
    }
  }

  /** Longer runs of tokens first, then those that begin earlier; none overlap. */
  private void joinExceptions() {
    BitSet taken = new BitSet();
    int[] lengths = new int[tokens.size()];
    boolean any = false;
    for (int length = rules.longest(); length > 1; length--) {
      for (int i = 0; i + length <= tokens.size(); i++) {
        if (spellsException(i, length) && taken.get(i, i + length).isEmpty()) {
          taken.set(i, i + length);
          lengths[i] = length;
          any = true;
        }
      }
    }
    if (!any) {
      return;
    }
    List<Span> joined = new ArrayList<>(tokens.size());
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] > 0) {
        addPieces(tokens.get(i).from(), tokens.get(i + lengths[i] - 1).to(), joined);
      } else if (!taken.get(i)) {
        joined.add(tokens.get(i));
      }
    }
    tokens.clear();
    tokens.addAll(joined);
  }

  private boolean spellsException(int first, int length) {
    Span start = tokens.get(first);
    Span end = tokens.get(first + length - 1);
    if (end.to() - start.from() > rules.longest()) {
      return false;
    }
    List<String> parts = rules.apart().get(text.substring(start.from(), end.to()));
    if (parts == null || parts.size() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      Span token = tokens.get(first + i);
      if (!parts.get(i).equals(text.substring(token.from(), token.to()))) {
        return false;
      }
    }
    return true;
  }
}
