package dev.lanewise.internal.tokenizer;

/**
 * GPT-2's pre-tokenizer: contractions, letters, numbers, other signs, each with one space before
 * it, and white space. By hand what the expression says:
 *
 * <pre>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</pre>
 *
 * @param prefixSpace whether a space is put before text that starts with none
 * @param useRegex whether to split at all
 */
record ByteLevelSplit(boolean prefixSpace, boolean useRegex) implements PreTokenizer {

  @Override
  public void split(byte[] bytes, int from, int to, Sink sink) {
    if (from == to) {
      return;
    }
    if (prefixSpace && bytes[from] != ' ') {
      ByteBuilder prefixed = new ByteBuilder(1 + to - from);
      prefixed.add(' ');
      prefixed.add(bytes, from, to);
      splitPlain(prefixed.array, 0, prefixed.size, sink);
    } else {
      splitPlain(bytes, from, to, sink);
    }
  }

  private void splitPlain(byte[] bytes, int from, int to, Sink sink) {
    if (!useRegex) {
      sink.word(bytes, from, to);
      return;
    }
    int i = from;
    while (i < to) {
      int end = wordEnd(bytes, i, to);
      sink.word(bytes, i, end);
      i = end;
    }
  }

  private static int wordEnd(byte[] bytes, int start, int to) {
    int i = start;
    byte lead = bytes[i];
    if (lead == '\'') {
      int contraction = contractionEnd(bytes, i, to);
      if (contraction > 0) {
        return contraction;
      }
    } else if (lead == ' ' && i + 1 < to) {
      i++;
      lead = bytes[i];
    }
    byte kind = CharClass.at(bytes, i);
    if (kind == CharClass.SPACE) {
      return spaceEnd(bytes, start, to);
    }
    return runEnd(bytes, i + Utf8.length(lead), to, kind);
  }

  /** End of the contraction that starts at the apostrophe, or -1. */
  private static int contractionEnd(byte[] bytes, int at, int to) {
    if (at + 1 >= to) {
      return -1;
    }
    byte first = bytes[at + 1];
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return at + 2;
    }
    if (at + 2 < to) {
      byte second = bytes[at + 2];
      if (((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l')) {
        return at + 3;
      }
    }
    return -1;
  }

  private static int runEnd(byte[] bytes, int from, int to, byte kind) {
    int i = from;
    while (i < to) {
      byte b = bytes[i];
      if (b >= 0) {
        if (CharClass.ofAscii(b) != kind) {
          break;
        }
        i++;
      } else {
        if (CharClass.of(Utf8.codePoint(bytes, i)) != kind) {
          break;
        }
        i += Utf8.length(b);
      }
    }
    return i;
  }

  /** White space that something follows leaves its last character to that. */
  private static int spaceEnd(byte[] bytes, int start, int to) {
    int i = start;
    int beforeLast = start;
    while (i < to && CharClass.at(bytes, i) == CharClass.SPACE) {
      beforeLast = i;
      i += Utf8.length(bytes[i]);
    }
    return i == to || beforeLast == start ? i : beforeLast;
  }
}
