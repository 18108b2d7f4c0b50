package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Tokenizer;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files of this module's test resources, and what their JSON says. */
final class TokenizerFixture {

  private static final Path RESOURCES = Path.of("src/test/resources");

  /** Escapes of half a surrogate pair, which strict JSON refuses. */
  private static final Pattern UNPAIRED =
      Pattern.compile(
          "(?i)(\\\\ud[89ab][0-9a-f]{2}\\\\ud[c-f][0-9a-f]{2})|\\\\ud[89a-f][0-9a-f]{2}");

  private TokenizerFixture() {}

  static Path path(String name) {
    return RESOURCES.resolve(name);
  }

  static Tokenizer open(String name) throws IOException {
    return Tokenizer.open(path(name));
  }

  /** A folder with nothing but copies of some files, under their names or, after "=", others. */
  static Path folder(Path target, String source, String... files) throws IOException {
    Files.createDirectories(target);
    for (String file : files) {
      String[] names = file.split("=", 2);
      Files.copy(path(source).resolve(names[0]), target.resolve(names[names.length - 1]));
    }
    return target;
  }

  /** A JSON file; unpaired surrogates are U+FFFD, as its ids take them. */
  static JsonObject json(String name) throws IOException {
    String text = Files.readString(path(name));
    String paired =
        UNPAIRED
            .matcher(text)
            .replaceAll(
                match ->
                    Matcher.quoteReplacement(match.group(1) == null ? "\\ufffd" : match.group(1)));
    return Json.parse(paired, name).asObject();
  }

  static int[] ints(JsonValue value) throws IOException {
    List<JsonValue> elements = value.asArray().elements();
    int[] ints = new int[elements.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = elements.get(i).asInt();
    }
    return ints;
  }

  static String streamed(Tokenizer tokenizer, int[] ids, boolean skipSpecials) {
    Tokenizer.StreamDecoder stream = tokenizer.streamDecoder(skipSpecials);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(stream.next(id));
    }
    return text.append(stream.finish()).toString();
  }

  /** Decoding all at once and one by one gives {@code text}. */
  static void assertDecodes(Tokenizer tokenizer, int[] ids, String text) {
    assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
    assertThat(streamed(tokenizer, ids, false)).isEqualTo(text);
  }
}
