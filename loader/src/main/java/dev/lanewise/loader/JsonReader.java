package dev.lanewise.loader;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a JSON text, strictly: UTF-8 without byte order mark, no extensions, no unpaired
 * surrogates, bounded depth and lengths. All complaints are {@link MalformedCheckpointException}s
 * with line and column. Not thread-safe.
 */
final class JsonReader implements AutoCloseable {

  /** Nesting that no file of a checkpoint comes near. */
  static final int MAX_DEPTH = 100;

  // Names are neither interned nor put into a shared table: those of a vocabulary are all different
  // and a hostile file could fill the table. The tokens of a 1.4 MB tokenizer.json then take 7 ms
  // of
  // one core, with Jackson's defaults on the bytes 50 ms.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(65_536)
                  .maxStringLength(16_000_000)
                  .maxNumberLength(1_000)
                  .build())
          .build();

  private final JsonParser parser;
  private final String source;

  private JsonReader(JsonParser parser, String source) {
    this.parser = parser;
    this.source = source;
  }

  /** Reads UTF-8 bytes, of which a piece at a time is held in memory. */
  static JsonReader of(InputStream bytes, String source) throws IOException {
    return of(
        new InputStreamReader(
            bytes,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)),
        source);
  }

  static JsonReader of(Reader text, String source) throws IOException {
    return new JsonReader(FACTORY.createParser(text), source);
  }

  /** The next token; null at the end of the text. */
  @Nullable JsonToken next() throws IOException {
    try {
      return parser.nextToken();
    } catch (JsonProcessingException e) {
      throw refused(e);
    } catch (CharacterCodingException e) {
      throw new MalformedCheckpointException(
          source + ": invalid UTF-8 at or after " + place(parser.currentLocation()), e);
    }
  }

  /** The next token, which must be there. */
  JsonToken nextOf(String expected) throws IOException {
    JsonToken token = next();
    if (token == null) {
      throw invalid("the JSON ends where " + expected + " is expected");
    }
    return token;
  }

  /** The name or string that was read last. */
  String text() throws IOException {
    String text;
    try {
      text = parser.getText();
    } catch (JsonProcessingException e) {
      // Strings are read to their end only here.
      throw refused(e);
    } catch (CharacterCodingException e) {
      throw new MalformedCheckpointException(
          source + ": invalid UTF-8 at or after " + place(parser.currentLocation()), e);
    }
    requirePairedSurrogates(text);
    return text;
  }

  /** Nothing but white space may follow. */
  void requireEnd() throws IOException {
    if (next() != null) {
      throw invalid("something follows the end of the JSON value");
    }
  }

  /** A complaint about the token that was read last. */
  MalformedCheckpointException invalid(String sentence) {
    return new MalformedCheckpointException(
        source + ": " + sentence + " at " + place(parser.currentTokenLocation()));
  }

  // UTF-8 has no surrogates, so an unpaired one was written as an escape.
  private void requirePairedSurrogates(String text) throws MalformedCheckpointException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          throw invalid("a string holds half of a surrogate pair");
        }
        i++;
      }
    }
  }

  private MalformedCheckpointException refused(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    // What follows repeats the place in words of the parser.
    int more = message.indexOf("(start marker");
    String sentence = (more < 0 ? message : message.substring(0, more)).strip();
    return new MalformedCheckpointException(
        source + ": invalid JSON at " + place(e.getLocation()) + ": " + Quoted.plain(sentence), e);
  }

  private static String place(@Nullable JsonLocation location) {
    return location == null
        ? "the end"
        : "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
