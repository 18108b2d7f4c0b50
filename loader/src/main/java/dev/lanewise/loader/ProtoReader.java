package dev.lanewise.loader;

/**
 * Reads a message of protocol buffers field by field. Strict where the format leaves a choice: a
 * known field has its one type and comes once; groups are refused; unknown fields are passed over.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">the format</a>
 */
final class ProtoReader {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final ByteCursor in;
  private int field;
  private int type;

  /** Fields that came, the lowest 64. */
  private long seen;

  ProtoReader(ByteCursor in) {
    this.in = in;
  }

  /** Goes to the next field; false at the end. */
  boolean next() throws MalformedCheckpointException {
    if (in.remaining() == 0) {
      return false;
    }
    long tag = in.varint("a field");
    if (tag < 8 || tag >= 1L << 32) {
      throw in.invalid(
          "begins a field with " + Long.toUnsignedString(tag) + ", which has no number");
    }
    field = (int) (tag >>> 3);
    type = (int) (tag & 7);
    return true;
  }

  /** Number of this field. */
  int field() {
    return field;
  }

  /** Whether this field holds a message, text or bytes. */
  boolean isMessage() {
    return type == BYTES;
  }

  /** This field may come once only. */
  ProtoReader once() throws MalformedCheckpointException {
    if (field < Long.SIZE) {
      if ((seen & (1L << field)) != 0) {
        throw in.invalid("has field " + field + " twice");
      }
      seen |= 1L << field;
    }
    return this;
  }

  private void require(int expected) throws MalformedCheckpointException {
    if (type != expected) {
      throw in.invalid("field " + field + " has type " + type + ", expected " + expected);
    }
  }

  /** A number of 64 bits. */
  long integer() throws MalformedCheckpointException {
    require(VARINT);
    return in.varint("a field");
  }

  /** A number from 0 to 2^31 - 1. */
  int size() throws MalformedCheckpointException {
    long value = integer();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw in.invalid("field " + field + " is " + value + ", expected 0 to 2147483647");
    }
    return (int) value;
  }

  /** Four bytes. */
  int fixed32() throws MalformedCheckpointException {
    require(FIXED32);
    return in.i32("a field");
  }

  /** A message inside. */
  ProtoReader message() throws MalformedCheckpointException {
    require(BYTES);
    int length = in.length("a message");
    return new ProtoReader(in.slice(length, "a message"));
  }

  /** Passes over this field, whatever it holds. */
  void skip() throws MalformedCheckpointException {
    String what = "a field";
    switch (type) {
      case VARINT -> in.varint(what);
      case FIXED64 -> in.skip(Long.BYTES, what);
      case BYTES -> in.skip(in.length(what), what);
      case FIXED32 -> in.skip(Integer.BYTES, what);
      default -> throw in.invalid("field " + field + " has type " + type + ", which is none");
    }
  }
}
