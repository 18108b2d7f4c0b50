package dev.lanewise.internal.tokenizer;

import java.text.Normalizer;
import java.util.regex.Pattern;

/**
 * The first step of the 2018 release: text repaired as the library ftfy does it. References of HTML
 * resolved, encoding mistakes undone, control characters and terminal codes out, ligatures, wide
 * forms, curly quotes and line breaks in plain form, NFC; again until nothing changes.
 */
final class TextRepair {

  private static final Pattern TERMINAL = Pattern.compile("\u001b\\[[0-9;]*[a-zA-Z]");
  private static final int MAX_ROUNDS = 8;

  private TextRepair() {}

  /** Unpaired surrogates as U+FFFD, before anything else looks at the text. */
  static CharSequence pairSurrogates(CharSequence text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      if (out == null) {
        out = new StringBuilder(text);
      }
      out.setCharAt(i, '\ufffd');
    }
    return out == null ? text : out;
  }

  /** Repairs a text line by line; after one with {@code <} it may be HTML, whose entities stay. */
  static String apply(String text) {
    if (isPlain(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    boolean unescape = true;
    int start = 0;
    while (start < text.length()) {
      int feed = text.indexOf('\n', start);
      int end = feed < 0 ? text.length() : feed + 1;
      String line = text.substring(start, end);
      unescape &= line.indexOf('<') < 0;
      out.append(line(line, unescape));
      start = end;
    }
    return out.toString();
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\n' && c != '\t') || c > '~' || c == '&') {
        return false;
      }
    }
    return true;
  }

  private static String line(String line, boolean unescape) {
    String text = line;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      String before = text;
      text = Mojibake.fix(unescape ? HtmlEntities.unescape(text) : text);
      text = characters(text);
      text = withoutControls(TERMINAL.matcher(text).replaceAll(""));
      text = Normalizer.normalize(text, Normalizer.Form.NFC);
      if (text.equals(before)) {
        break;
      }
    }
    return text;
  }

  private static String characters(String text) {
    StringBuilder out = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
        continue;
      }
      if (c < 0x80) {
        out.append(c == '\r' ? '\n' : c);
      } else {
        append(c <= 0x9f ? Windows1252.charOf(c) : c, out);
      }
    }
    return out.toString();
  }

  private static void append(char c, StringBuilder out) {
    switch (c) {
      case '\u2018', '\u2019', '\u201a', '\u201b', '\u02bc' -> out.append('\'');
      case '\u201c', '\u201d', '\u201e', '\u201f' -> out.append('"');
      case '\u0085', '\u2028', '\u2029' -> out.append('\n');
      case '\u3000' -> out.append(' ');
      case '\u0132',
          '\u0133',
          '\u01f1',
          '\u01f2',
          '\u01f3',
          '\u01c7',
          '\u01c8',
          '\u01c9',
          '\u01ca',
          '\u01cb',
          '\u01cc' ->
          out.append(Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC));
      case '\u0149' -> out.append("\u02bcn");
      case '\u01c4' -> out.append("D\u017d");
      case '\u01c5' -> out.append("D\u017e");
      case '\u01c6' -> out.append("d\u017e");
      case '\ufb05' -> out.append("\u017ft");
      default -> {
        boolean ligature = c >= '\ufb00' && c <= '\ufb06';
        boolean wide = c >= '\uff01' && c <= '\uffef';
        if (ligature || wide) {
          out.append(Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC));
        } else {
          out.append(c);
        }
      }
    }
  }

  private static String withoutControls(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean control =
          c <= 0x08
              || c == 0x0b
              || (c >= 0x0e && c <= 0x1f)
              || c == 0x7f
              || (c >= '\u206a' && c <= '\u206f')
              || c == '\ufeff'
              || (c >= '\ufff9' && c <= '\ufffc');
      if (!control) {
        out.append(c);
      }
    }
    return out.toString();
  }
}
