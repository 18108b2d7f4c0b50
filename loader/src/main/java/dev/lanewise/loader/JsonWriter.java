package dev.lanewise.loader;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Builds one JSON value as a line of text. Calls may be chained; not thread-safe.
 *
 * <pre>{@code
 * new JsonWriter().beginObject().name("label").value("joy").name("tokens").value(7).end().text()
 * }</pre>
 */
public final class JsonWriter {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final StringWriter text = new StringWriter();
  private final JsonGenerator generator;

  /** An empty text. */
  public JsonWriter() {
    try {
      generator = FACTORY.createGenerator(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens an object; {@link #end} closes it. */
  public JsonWriter beginObject() {
    return write(JsonGenerator::writeStartObject);
  }

  /** Opens an array; {@link #end} closes it. */
  public JsonWriter beginArray() {
    return write(JsonGenerator::writeStartArray);
  }

  /**
   * Closes the object or array that was opened last.
   *
   * @throws IllegalStateException if none is open
   */
  public JsonWriter end() {
    if (generator.getOutputContext().inObject()) {
      return write(JsonGenerator::writeEndObject);
    }
    if (generator.getOutputContext().inArray()) {
      return write(JsonGenerator::writeEndArray);
    }
    throw new IllegalStateException("neither object nor array is open");
  }

  /** The name of the next member. */
  public JsonWriter name(String name) {
    return write(g -> g.writeFieldName(wellFormed(name)));
  }

  /** A string or null. Half of a surrogate pair is written as U+FFFD. */
  public JsonWriter value(@Nullable String value) {
    return value == null
        ? write(JsonGenerator::writeNull)
        : write(g -> g.writeString(wellFormed(value)));
  }

  /** An integer. */
  public JsonWriter value(long value) {
    return write(g -> g.writeNumber(value));
  }

  /** The shortest decimal that reads back as this double; null for NaN and infinities. */
  public JsonWriter value(double value) {
    return Double.isFinite(value)
        ? write(g -> g.writeNumber(value))
        : write(JsonGenerator::writeNull);
  }

  /** The shortest decimal that reads back as this float; null for NaN and infinities. */
  public JsonWriter value(float value) {
    return Float.isFinite(value)
        ? write(g -> g.writeNumber(value))
        : write(JsonGenerator::writeNull);
  }

  /** True or false. */
  public JsonWriter value(boolean value) {
    return write(g -> g.writeBoolean(value));
  }

  /** Null. */
  public JsonWriter nullValue() {
    return write(JsonGenerator::writeNull);
  }

  /** A value that was read, with all its digits. */
  public JsonWriter value(JsonValue value) {
    switch (value) {
      case JsonObject object -> {
        beginObject();
        object.members().forEach((name, member) -> name(name).value(member));
        end();
      }
      case JsonArray array -> {
        beginArray();
        array.forEach(this::value);
        end();
      }
      case JsonValue.Scalar scalar -> write(g -> scalar.write(g));
    }
    return this;
  }

  /**
   * What has been written.
   *
   * @throws IllegalStateException if an object or array is still open
   */
  public String text() {
    if (!generator.getOutputContext().inRoot()) {
      throw new IllegalStateException("an object or array is still open");
    }
    write(JsonGenerator::flush);
    return text.toString();
  }

  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int[] codePoints =
            text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                .toArray();
        return new String(codePoints, 0, codePoints.length);
      }
    }
    return text;
  }

  private JsonWriter write(Step step) {
    try {
      step.accept(generator);
    } catch (com.fasterxml.jackson.core.JsonGenerationException e) {
      throw new IllegalStateException(e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  @FunctionalInterface
  private interface Step {
    void accept(JsonGenerator generator) throws IOException;
  }
}
