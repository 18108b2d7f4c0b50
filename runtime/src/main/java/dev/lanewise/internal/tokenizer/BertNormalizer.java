package dev.lanewise.internal.tokenizer;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * BERT's normalizer, which GPT-1's tokenizer uses. Its steps, in order: control characters go and
 * white space becomes a space; ideographs get spaces around; text is decomposed and loses its
 * accents; letters become lower case, each for itself.
 *
 * @param cleanText whether the first step is done
 * @param ideographs whether the second is
 * @param stripAccents whether the third is
 * @param lowercase whether the fourth is
 */
record BertNormalizer(
    boolean cleanText, boolean ideographs, boolean stripAccents, boolean lowercase)
    implements TextNormalizer {

  private static final int DOTTED_CAPITAL_I = 0x130;

  /** Marks in a row that are still brought into canonical order. */
  private static final int MAX_MARKS = 64;

  private static final int MARKS =
      1 << Character.NON_SPACING_MARK
          | 1 << Character.COMBINING_SPACING_MARK
          | 1 << Character.ENCLOSING_MARK;

  @Override
  public void normalize(byte[] bytes, int from, int to, ByteBuilder out) {
    out.reserve(to - from);
    int i = from;
    while (i < to) {
      byte b = bytes[i];
      if (b >= 0) {
        ascii(b, out);
        i++;
      } else {
        int end = runEnd(bytes, i, to);
        run(bytes, i, end, out);
        i = end;
      }
    }
  }

  private void ascii(int c, ByteBuilder out) {
    if (cleanText && (c < ' ' || c == 0x7F)) {
      if (c == '\t' || c == '\n' || c == '\r') {
        out.add(' ');
      }
    } else {
      out.add(lowercase && c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
  }

  /** ASCII ends a run, since no mark moves across it; but what cleaning drops does not. */
  private boolean endsRun(byte b) {
    return (b >= ' ' && b < 0x7F) || b == '\t' || b == '\n' || b == '\r' || (b >= 0 && !cleanText);
  }

  private int runEnd(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to && !endsRun(bytes[i])) {
      i++;
    }
    return i;
  }

  private void run(byte[] bytes, int from, int to, ByteBuilder out) {
    StringBuilder text = new StringBuilder(to - from);
    for (int i = from; i < to; i += Utf8.length(bytes[i])) {
      int c = Utf8.codePoint(bytes, i);
      if (cleanText) {
        if (BertChars.isControl(c)) {
          continue;
        }
        c = CharClass.isSpace(c) ? ' ' : c;
      }
      if (ideographs && BertChars.isIdeograph(c)) {
        text.append(' ').appendCodePoint(c).append(' ');
      } else {
        text.appendCodePoint(c);
      }
    }
    String clean = text.toString();
    if (stripAccents) {
      clean = decompose(clean);
    }
    if (!stripAccents && !lowercase) {
      byte[] utf8 = clean.getBytes(StandardCharsets.UTF_8);
      out.add(utf8, 0, utf8.length);
      return;
    }
    for (int i = 0; i < clean.length(); ) {
      int c = clean.codePointAt(i);
      i += Character.charCount(c);
      if (stripAccents && BertChars.isMark(c)) {
        continue;
      }
      if (lowercase && c == DOTTED_CAPITAL_I) {
        // The one letter whose lower case is two characters.
        out.addCodePoint('i');
        out.addCodePoint(0x307);
      } else {
        out.addCodePoint(lowercase ? Character.toLowerCase(c) : c);
      }
    }
  }

  /**
   * NFD. The JDK sorts marks that follow each other by insertion: text of nothing but marks would
   * take quadratic time. Past {@value #MAX_MARKS} marks (UAX #15 lets no more than 30 stand in a
   * row) they are not sorted, which shows only in the order of marks that are no accents.
   */
  private static String decompose(String text) {
    if (mostMarksInARow(text) <= MAX_MARKS) {
      return Normalizer.normalize(text, Normalizer.Form.NFD);
    }
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      String character = Character.toString(text.codePointAt(i));
      out.append(Normalizer.normalize(character, Normalizer.Form.NFD));
      i += character.length();
    }
    return out.toString();
  }

  private static int mostMarksInARow(String text) {
    int most = 0;
    int row = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      row = (1 << Character.getType(c) & MARKS) == 0 ? 0 : row + 1;
      most = Math.max(most, row);
    }
    return most;
  }
}
