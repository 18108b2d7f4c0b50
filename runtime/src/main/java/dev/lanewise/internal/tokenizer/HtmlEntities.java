package dev.lanewise.internal.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Character references of HTML 5, by name (also in capitals) and by number. */
final class HtmlEntities {

  private static final String RESOURCE = "html_entities.txt";
  private static final Pattern REFERENCE = Pattern.compile("&(#?[0-9A-Za-z]{1,24});");
  private static final Pattern NUMBER = Pattern.compile("#(?:[0-9]+|[xX][0-9a-fA-F]+)");

  /** Read when they are first asked for. */
  private static final class Holder {
    static final Map<String, String> CHARACTERS = read();
  }

  private HtmlEntities() {}

  private static Map<String, String> read() {
    Map<String, String> characters = new HashMap<>();
    try (InputStream in = HtmlEntities.class.getResourceAsStream(RESOURCE);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    Objects.requireNonNull(in, RESOURCE), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(" ", -1);
        StringBuilder text = new StringBuilder(2);
        for (int i = 1; i < fields.length; i++) {
          text.appendCodePoint(Integer.parseInt(fields[i], 16));
        }
        characters.put(fields[0], text.toString());
      }
    } catch (IOException e) {
      throw new IllegalStateException("the entities that come with the program are damaged", e);
    }
    return characters;
  }

  /** {@code text} with its references resolved, once. */
  static String unescape(String text) {
    if (text.indexOf('&') < 0) {
      return text;
    }
    Matcher reference = REFERENCE.matcher(text);
    StringBuilder out = new StringBuilder(text.length());
    while (reference.find()) {
      String name = reference.group(1);
      String found = name.startsWith("#") ? numbered(name) : Holder.CHARACTERS.get(name);
      reference.appendReplacement(
          out, Matcher.quoteReplacement(found == null ? reference.group() : found));
    }
    return reference.appendTail(out).toString();
  }

  /** As browsers do: 128 to 159 are Windows-1252, what is no character is nothing. */
  private static @Nullable String numbered(String name) {
    if (!NUMBER.matcher(name).matches()) {
      return null;
    }
    boolean hex = Character.toLowerCase(name.charAt(1)) == 'x';
    String digits = name.substring(hex ? 2 : 1).replaceFirst("^0+(?=.)", "");
    int number =
        digits.length() > 8
            ? Integer.MAX_VALUE
            : (int) Math.min(Long.parseLong(digits, hex ? 16 : 10), Integer.MAX_VALUE);
    if (number == 0 || number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff)) {
      return "\ufffd";
    }
    if (number >= 0x80 && number <= 0x9f) {
      return String.valueOf(Windows1252.charOf(number));
    }
    boolean nothing =
        (number >= 1 && number <= 8)
            || number == 0xb
            || (number >= 0xe && number <= 0x1f)
            || number == 0x7f
            || (number >= 0xfdd0 && number <= 0xfdef)
            || (number & 0xfffe) == 0xfffe;
    return nothing ? "" : Character.toString(number);
  }
}
