package dev.lanewise.internal.tokenizer;

/**
 * The second step of the 2018 release: dashes and dots in plain form, runs of punctuation between
 * spaces, white space to one space or one line feed between two.
 *
 * <p>Source: {@code text_standardize} of openai/finetune-transformer-lm.
 */
final class OriginalStandard {

  /** Runs of one of these stand apart. The backslash is not among them, whatever was meant. */
  private static final String APART = "-~!\";?+,)(/*[]}{|_";

  private OriginalStandard() {}

  static String apply(String text) {
    return spaces(runsApart(plain(text)));
  }

  private static String plain(String text) {
    return text.replace('\u2014', '-')
        .replace('\u2013', '-')
        .replace('\u2015', '-')
        .replace("\u2026", "...")
        .replace('\u00b4', '\'');
  }

  private static String runsApart(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (APART.indexOf(c) < 0) {
        out.append(c);
        i++;
        continue;
      }
      out.append(' ');
      while (i < text.length() && text.charAt(i) == c) {
        out.append(c);
        i++;
      }
      out.append(' ');
    }
    return out.toString();
  }

  /** A run with a line feed becomes space, line feed, space; another a space; at the ends none. */
  private static String spaces(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      if (!PythonText.isSpace(text.charAt(i))) {
        out.append(text.charAt(i++));
        continue;
      }
      boolean feed = false;
      while (i < text.length() && PythonText.isSpace(text.charAt(i))) {
        feed |= text.charAt(i++) == '\n';
      }
      if (out.length() > 0 && i < text.length()) {
        out.append(feed ? " \n " : " ");
      }
    }
    return out.toString();
  }
}
