package dev.lanewise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What a command reads and writes. Results go to {@code out}, everything else to {@code err}. Text
 * leaves as UTF-8, except on a terminal that has another encoding.
 *
 * <p>Writing is synchronized: the status line has a thread of its own.
 */
final class Console {

  // Of the 256 colours, dark to bright.
  private static final int[] GREEN = {22, 28, 34};
  private static final int[] RED = {52, 88, 160};

  private final InputStream in;
  private final OutputStream out;
  private final OutputStream err;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;
  private final boolean color;

  /** For tests and pipes: no terminal, no colour. */
  Console(InputStream in, OutputStream out, OutputStream err) {
    this(in, out, err, false, false, false);
  }

  Console(
      InputStream in,
      OutputStream out,
      OutputStream err,
      boolean outIsTerminal,
      boolean errIsTerminal,
      boolean color) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.color = color && outIsTerminal;
  }

  InputStream in() {
    return in;
  }

  boolean errIsTerminal() {
    return errIsTerminal;
  }

  boolean color() {
    return color;
  }

  /**
   * Writes text to stdout at once.
   *
   * @throws OutputClosedException if nobody reads it any more
   */
  synchronized void print(String text) throws IOException {
    try {
      out.write(text.getBytes(charset(outIsTerminal, "stdout.encoding")));
      out.flush();
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      if (reason.contains("pipe")) {
        throw new OutputClosedException(e);
      }
      throw new IOException("cannot write to stdout: " + e.getMessage(), e);
    }
  }

  /** Writes a line to stdout at once. */
  void println(String line) throws IOException {
    print(line + "\n");
  }

  /** Writes text to stderr; that it cannot be written is nobody's concern. */
  synchronized void printError(String text) {
    try {
      err.write(text.getBytes(charset(errIsTerminal, "stderr.encoding")));
      err.flush();
    } catch (IOException e) {
      // Where should one complain that stderr is closed?
      return;
    }
  }

  /** Writes a line to stderr. */
  void note(String line) {
    printError(line + "\n");
  }

  /** Bold on a terminal that wants colour. */
  String bold(String text) {
    return color ? "\u001b[1m" + text + "\u001b[0m" : text;
  }

  /** Dim on a terminal that wants colour. */
  String dim(String text) {
    return color ? "\u001b[2m" + text + "\u001b[0m" : text;
  }

  /**
   * On a terminal that wants colour: white on green for what speaks for something, on red for what
   * speaks against it.
   *
   * @param strength -1 to 1; near 0 the text is left as it is
   */
  String shade(String text, double strength) {
    int[] scale = strength < 0 ? RED : GREEN;
    int step = (int) Math.ceil(Math.abs(strength) * (scale.length + 1)) - 2;
    return color && step >= 0
        ? "\u001b[97;48;5;" + scale[Math.min(step, scale.length - 1)] + "m" + text + "\u001b[0m"
        : text;
  }

  /**
   * Text of unknown origin on one line: control characters, which could end the line or drive the
   * terminal, are spelled {@code \}{@code u001b}.
   */
  static String printable(String text) {
    StringBuilder result = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        result.append(c).append(text.charAt(++i));
      } else if (Character.isISOControl(c)
          || Character.isSurrogate(c)
          || Character.getType(c) == Character.FORMAT
          || Character.getType(c) == Character.LINE_SEPARATOR
          || Character.getType(c) == Character.PARAGRAPH_SEPARATOR) {
        result.append("\\u%04x".formatted((int) c));
      } else {
        result.append(c);
      }
    }
    return result.toString();
  }

  private static Charset charset(boolean terminal, String property) {
    String name = System.getProperty(property);
    if (!terminal || name == null || !Charset.isSupported(name)) {
      return StandardCharsets.UTF_8;
    }
    Charset charset = Charset.forName(name);
    return charset.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : charset;
  }
}
