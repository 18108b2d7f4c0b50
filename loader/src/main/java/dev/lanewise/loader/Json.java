package dev.lanewise.loader;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads JSON documents into memory, strictly (RFC 8259, UTF-8): duplicate keys, byte order marks,
 * unpaired surrogates, anything after the value, nesting past 100 levels and documents of more than
 * a million values are refused. Numbers keep all their digits.
 */
public final class Json {

  /** Largest file that {@link #read(Path)} accepts, in bytes: 64 MiB. */
  public static final long MAX_BYTES = 64L << 20;

  private static final int MAX_VALUES = 1_000_000;

  private final JsonReader reader;
  private int values;

  private Json(JsonReader reader) {
    this.reader = reader;
  }

  /**
   * Reads a file of at most {@link #MAX_BYTES}. Errors call it by its name without folders.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws MalformedCheckpointException if it is not JSON, with line and column
   */
  public static JsonValue read(Path file) throws IOException {
    return read(file, MAX_BYTES);
  }

  /**
   * Reads a file.
   *
   * @param maxBytes the largest size accepted
   * @throws NoSuchFileException if there is no such file
   * @throws MalformedCheckpointException if it is too large or not JSON, with line and column
   */
  public static JsonValue read(Path file, long maxBytes) throws IOException {
    Path name = file.getFileName();
    String source = name == null ? file.toString() : name.toString();
    if (Files.notExists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file");
    }
    Signature signature = Signature.of(file);
    if (signature.isAccident()) {
      throw signature.refusal(file, "JSON");
    }
    long size = Files.size(file);
    if (size > maxBytes) {
      throw new MalformedCheckpointException(
          source + ": has " + size + " bytes, expected at most " + maxBytes);
    }
    // The stream is cut at the limit too: what grows meanwhile, or is no regular file, has an end.
    try (InputStream bytes = new BoundedInputStream(Files.newInputStream(file), maxBytes)) {
      return parse(bytes, source);
    }
  }

  /**
   * Parses a text.
   *
   * @param source what errors call it
   * @throws MalformedCheckpointException if it is not JSON, with line and column
   */
  public static JsonValue parse(String text, String source) throws MalformedCheckpointException {
    try (JsonReader reader = JsonReader.of(new StringReader(text), source)) {
      return new Json(reader).document(source);
    } catch (MalformedCheckpointException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("a string cannot fail to be read", e);
    }
  }

  /**
   * Parses UTF-8 bytes.
   *
   * @param source what errors call it
   * @throws MalformedCheckpointException if they are not JSON, with line and column
   */
  public static JsonValue parse(InputStream bytes, String source) throws IOException {
    try (JsonReader reader = JsonReader.of(bytes, source)) {
      return new Json(reader).document(source);
    }
  }

  private JsonValue document(String source) throws IOException {
    JsonValue root = value(reader.nextOf("a value"), source);
    reader.requireEnd();
    return root;
  }

  /** Reads the value that begins with {@code token}. The depth is bounded by the reader. */
  private JsonValue value(JsonToken token, Object parent) throws IOException {
    if (++values > MAX_VALUES) {
      throw reader.invalid("the JSON has more than " + MAX_VALUES + " values");
    }
    return switch (token) {
      case START_OBJECT -> object(parent);
      case START_ARRAY -> array(parent);
      case VALUE_STRING -> new JsonValue.Scalar.Text(parent, reader.text());
      case VALUE_NUMBER_INT -> JsonValue.whole(parent, reader.text());
      case VALUE_NUMBER_FLOAT -> new JsonValue.Scalar.Decimal(parent, reader.text());
      case VALUE_TRUE -> new JsonValue.Scalar.Truth(parent, true);
      case VALUE_FALSE -> new JsonValue.Scalar.Truth(parent, false);
      case VALUE_NULL -> new JsonValue.Scalar.Null(parent);
      default -> throw reader.invalid("unexpected " + token);
    };
  }

  private JsonObject object(Object parent) throws IOException {
    JsonObject object = new JsonObject(parent);
    while (reader.nextOf("a key or '}'") != JsonToken.END_OBJECT) {
      String name = reader.text();
      if (object.has(name)) {
        throw reader.invalid("duplicate key " + Quoted.of(name));
      }
      object.add(name, value(reader.nextOf("a value"), object));
    }
    return object;
  }

  private JsonArray array(Object parent) throws IOException {
    JsonArray array = new JsonArray(parent);
    JsonToken token;
    while ((token = reader.nextOf("a value or ']'")) != JsonToken.END_ARRAY) {
      array.add(value(token, array));
    }
    return array;
  }
}
