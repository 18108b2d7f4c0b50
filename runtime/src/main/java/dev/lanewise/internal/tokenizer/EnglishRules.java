package dev.lanewise.internal.tokenizer;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The rules of spaCy's English tokenizer, as data: expressions for what is cut off in front, behind
 * and inside, and words with pieces of their own. Immutable.
 *
 * @param prefix anchored at the start
 * @param suffix anchored at the end
 * @param infix found anywhere
 * @param url a whole word that is left alone
 * @param exceptions pieces by word
 * @param apart those words that would be cut into several tokens were they no exceptions, with
 *     these tokens
 * @param longest of those words, in characters
 */
record EnglishRules(
    RuleExpression prefix,
    RuleExpression suffix,
    RuleExpression infix,
    Pattern url,
    Map<String, List<String>> exceptions,
    Map<String, List<String>> apart,
    int longest) {

  private static final String RESOURCE = "english_rules.json";

  /** Python's escape for a code point past U+FFFF. */
  private static final Pattern EIGHT_DIGITS = Pattern.compile("\\\\U([0-9A-F]{8})");

  /** Read when they are first asked for. */
  private static final class Holder {
    static final EnglishRules RULES = read();
  }

  static EnglishRules get() {
    return Holder.RULES;
  }

  private static EnglishRules read() {
    try (InputStream in = EnglishRules.class.getResourceAsStream(RESOURCE)) {
      JsonObject rules = Json.parse(Objects.requireNonNull(in, RESOURCE), RESOURCE).asObject();
      Map<String, List<String>> exceptions = new HashMap<>();
      int longest = 0;
      for (Map.Entry<String, JsonValue> word :
          rules.required("exceptions").asObject().members().entrySet()) {
        JsonValue[] pieces = word.getValue().asArray().elements().toArray(JsonValue[]::new);
        String[] texts = new String[pieces.length];
        for (int i = 0; i < pieces.length; i++) {
          texts[i] = pieces[i].asString();
        }
        exceptions.put(word.getKey(), List.of(texts));
        longest = Math.max(longest, word.getKey().length());
      }
      return new EnglishRules(
              expression(rules, "prefix_search"),
              expression(rules, "suffix_search"),
              expression(rules, "infix_finditer"),
              url(rules),
              Map.copyOf(exceptions),
              Map.of(),
              longest)
          .withApart();
    } catch (IOException e) {
      throw new IllegalStateException("the rules that come with the program are damaged", e);
    }
  }

  private EnglishRules withApart() {
    Map<String, List<String>> parts = new HashMap<>();
    for (String word : exceptions.keySet()) {
      List<String> tokens = EnglishSplit.withoutExceptions(this, word);
      if (tokens.size() > 1) {
        parts.put(word, tokens);
      }
    }
    return new EnglishRules(prefix, suffix, infix, url, exceptions, Map.copyOf(parts), longest);
  }

  private static RuleExpression expression(JsonObject rules, String key) throws IOException {
    return RuleExpression.of(rules.required(key).asString());
  }

  /** Needs the whole language of expressions, in the JDK's syntax. */
  private static Pattern url(JsonObject rules) throws IOException {
    String python = rules.required("url_match").asString().replace("(?u)", "");
    return Pattern.compile(
        EIGHT_DIGITS.matcher(python).replaceAll("\\\\x{$1}"),
        Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);
  }
}
