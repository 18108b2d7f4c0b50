package dev.lanewise.loader;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * A value of a JSON document that was read by {@link Json}. Immutable. A value knows its place, so
 * that the {@code as...} methods name file, path, found and expected when they refuse.
 */
public abstract sealed class JsonValue permits JsonObject, JsonArray, JsonValue.Scalar {

  /** The value around this one, or the name of the document, a {@link String}. */
  private final Object parent;

  JsonValue(Object parent) {
    this.parent = parent;
  }

  /** What this is, for an error message: "an object", "the number 1.5". */
  abstract String description();

  /** Whether this is {@code null}. */
  public boolean isNull() {
    return false;
  }

  /** Whether this is a string. */
  public boolean isString() {
    return false;
  }

  /** Whether this is a number. */
  public boolean isNumber() {
    return false;
  }

  /** Whether this is true or false. */
  public boolean isBoolean() {
    return false;
  }

  /** Whether this is an object. */
  public boolean isObject() {
    return false;
  }

  /** Whether this is an array. */
  public boolean isArray() {
    return false;
  }

  /**
   * This object.
   *
   * @throws MalformedCheckpointException if this is not an object
   */
  public JsonObject asObject() throws MalformedCheckpointException {
    throw expected("an object");
  }

  /**
   * This array.
   *
   * @throws MalformedCheckpointException if this is not an array
   */
  public JsonArray asArray() throws MalformedCheckpointException {
    throw expected("an array");
  }

  /**
   * The text of this string.
   *
   * @throws MalformedCheckpointException if this is not a string
   */
  public String asString() throws MalformedCheckpointException {
    throw expected("a string");
  }

  /**
   * This truth value.
   *
   * @throws MalformedCheckpointException if this is neither true nor false
   */
  public boolean asBoolean() throws MalformedCheckpointException {
    throw expected("true or false");
  }

  /**
   * This integer.
   *
   * @throws MalformedCheckpointException if this is not an integer of 64 bits; 1.0 is none
   */
  public long asLong() throws MalformedCheckpointException {
    throw expected("an integer");
  }

  /**
   * This integer.
   *
   * @throws MalformedCheckpointException if this is not an integer of 32 bits; 1.0 is none
   */
  public int asInt() throws MalformedCheckpointException {
    long value = asLong();
    if (value != (int) value) {
      throw expected("an integer of 32 bits");
    }
    return (int) value;
  }

  /**
   * This number, rounded to the nearest double.
   *
   * @throws MalformedCheckpointException if this is not a number, or one past the largest double
   */
  public double asDouble() throws MalformedCheckpointException {
    throw expected("a number");
  }

  /**
   * This number with all its digits.
   *
   * @throws MalformedCheckpointException if this is not a number
   */
  public BigDecimal asDecimal() throws MalformedCheckpointException {
    throw expected("a number");
  }

  /** The name of the document that this was read from. */
  public String source() {
    JsonValue value = this;
    while (value.parent instanceof JsonValue outer) {
      value = outer;
    }
    return (String) value.parent;
  }

  /** The way from the root, {@code model.vocab.hello} or {@code a[3].b}; "" for the root itself. */
  public String path() {
    String path = "";
    JsonValue value = this;
    while (value.parent instanceof JsonValue outer) {
      String step =
          switch (outer) {
            case JsonObject object -> "." + Quoted.plain(object.nameOf(value));
            case JsonArray array -> "[" + array.indexOf(value) + "]";
            case Scalar _ -> throw new AssertionError("a scalar has no members");
          };
      path = step + path;
      value = outer;
    }
    return path.startsWith(".") ? path.substring(1) : path;
  }

  /**
   * The error for a value that is not what it should be: "FILE: 'PATH' is FOUND, expected
   * EXPECTED".
   *
   * @param expected completes the sentence: "a positive integer"
   */
  public MalformedCheckpointException expected(String expected) {
    return invalid("is " + description() + ", expected " + expected);
  }

  /**
   * An error about this value: "FILE: 'PATH' SENTENCE".
   *
   * @param sentence without its subject: "is not a file name"
   */
  public MalformedCheckpointException invalid(String sentence) {
    String path = path();
    String subject = path.isEmpty() ? "the document" : "'" + path + "'";
    return new MalformedCheckpointException(source() + ": " + subject + " " + sentence);
  }

  /** A value without parts: null, a truth value, an integer, another number, or a text. */
  abstract static sealed class Scalar extends JsonValue {

    Scalar(Object parent) {
      super(parent);
    }

    abstract void write(JsonGenerator generator) throws IOException;

    /** {@code null}. */
    static final class Null extends Scalar {

      Null(Object parent) {
        super(parent);
      }

      @Override
      public boolean isNull() {
        return true;
      }

      @Override
      void write(JsonGenerator generator) throws IOException {
        generator.writeNull();
      }

      @Override
      String description() {
        return "null";
      }
    }

    /** {@code true} or {@code false}. */
    static final class Truth extends Scalar {

      private final boolean value;

      Truth(Object parent, boolean value) {
        super(parent);
        this.value = value;
      }

      @Override
      public boolean isBoolean() {
        return true;
      }

      @Override
      public boolean asBoolean() {
        return value;
      }

      @Override
      void write(JsonGenerator generator) throws IOException {
        generator.writeBoolean(value);
      }

      @Override
      String description() {
        return String.valueOf(value);
      }
    }

    /** A string. */
    static final class Text extends Scalar {

      private final String value;

      Text(Object parent, String value) {
        super(parent);
        this.value = value;
      }

      @Override
      public boolean isString() {
        return true;
      }

      @Override
      public String asString() {
        return value;
      }

      @Override
      void write(JsonGenerator generator) throws IOException {
        generator.writeString(value);
      }

      @Override
      String description() {
        return "the string \"" + Quoted.plain(value) + "\"";
      }
    }

    /** A number that was written as an integer and fits 64 bits. */
    static final class Whole extends Scalar {

      private final long value;

      Whole(Object parent, long value) {
        super(parent);
        this.value = value;
      }

      @Override
      public boolean isNumber() {
        return true;
      }

      @Override
      public long asLong() {
        return value;
      }

      @Override
      public double asDouble() {
        return value;
      }

      @Override
      public BigDecimal asDecimal() {
        return BigDecimal.valueOf(value);
      }

      @Override
      void write(JsonGenerator generator) throws IOException {
        generator.writeNumber(value);
      }

      @Override
      String description() {
        return "the number " + value;
      }
    }

    /** Any other number, as it was written: at most 1,000 characters long. */
    static final class Decimal extends Scalar {

      private final String digits;

      Decimal(Object parent, String digits) {
        super(parent);
        this.digits = digits;
      }

      @Override
      public boolean isNumber() {
        return true;
      }

      @Override
      public long asLong() throws MalformedCheckpointException {
        throw expected(isWhole() ? "an integer of 64 bits" : "an integer");
      }

      private boolean isWhole() {
        for (int i = 0; i < digits.length(); i++) {
          if ("-0123456789".indexOf(digits.charAt(i)) < 0) {
            return false;
          }
        }
        return true;
      }

      @Override
      public double asDouble() throws MalformedCheckpointException {
        double value = Double.parseDouble(digits);
        if (Double.isInfinite(value)) {
          throw expected("a number up to " + Double.MAX_VALUE);
        }
        return value;
      }

      @Override
      public BigDecimal asDecimal() throws MalformedCheckpointException {
        try {
          return new BigDecimal(digits);
        } catch (NumberFormatException e) {
          // The exponent of a BigDecimal has 32 bits.
          throw expected("a number with a smaller exponent");
        }
      }

      @Override
      void write(JsonGenerator generator) throws IOException {
        generator.writeNumber(digits);
      }

      @Override
      String description() {
        return "the number " + Quoted.plain(digits);
      }
    }
  }

  /** The scalar of a number's text, exact. */
  static JsonValue whole(Object parent, String digits) {
    // Numbers of 18 digits and less fit whatever they are.
    if (digits.length() <= 18) {
      return new Scalar.Whole(parent, Long.parseLong(digits));
    }
    BigInteger value = new BigInteger(digits);
    return value.bitLength() < Long.SIZE
        ? new Scalar.Whole(parent, value.longValue())
        : new Scalar.Decimal(parent, digits);
  }
}
