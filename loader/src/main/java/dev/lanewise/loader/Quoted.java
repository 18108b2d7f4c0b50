package dev.lanewise.loader;

/** Text from a file made fit for an error message: one line, of bounded length. */
public final class Quoted {

  private static final int LIMIT = 120;

  /** Of what comes out: an escape takes six characters. */
  private static final int LINE_LIMIT = 240;

  private Quoted() {}

  /** {@code text} in single quotes. */
  public static String of(String text) {
    return "'" + plain(text) + "'";
  }

  /** {@code text} cut after 120 characters, control and format characters escaped. */
  public static String plain(String text) {
    StringBuilder line = new StringBuilder(Math.min(text.length(), LIMIT) + 16);
    int end = Math.min(text.length(), LIMIT);
    int i = 0;
    for (; i < end && line.length() < LINE_LIMIT; i++) {
      char c = text.charAt(i);
      boolean unprintable =
          Character.isISOControl(c)
              || Character.isSurrogate(c)
              || Character.getType(c) == Character.FORMAT
              || Character.getType(c) == Character.LINE_SEPARATOR
              || Character.getType(c) == Character.PARAGRAPH_SEPARATOR;
      if (unprintable) {
        line.append(String.format("\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
    if (i < text.length()) {
      line.append("...");
    }
    return line.toString();
  }
}
