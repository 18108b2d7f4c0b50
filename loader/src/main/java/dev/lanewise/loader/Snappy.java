package dev.lanewise.loader;

/**
 * Unpacks a block of Snappy: a length, then literals and copies of what came before.
 *
 * @see <a href="https://github.com/google/snappy/blob/main/format_description.txt">the format</a>
 */
final class Snappy {

  private static final int SHORT_LITERAL = 60;

  private Snappy() {}

  /**
   * Unpacks all that is left of {@code in}.
   *
   * @param limit the longest result that is accepted, in bytes
   */
  static byte[] unpack(ByteCursor in, int limit) throws MalformedCheckpointException {
    long length = in.varint("the unpacked length");
    if (length < 0 || length > limit) {
      throw in.invalid(
          "unpacks to " + Long.toUnsignedString(length) + " bytes, supported are up to " + limit);
    }
    byte[] out = new byte[(int) length];
    int at = 0;
    while (in.remaining() > 0) {
      int tag = in.u8("a tag");
      int kind = tag & 3;
      if (kind == 0) {
        long literal = tag >> 2;
        if (literal >= SHORT_LITERAL) {
          literal = in.unsigned((int) literal - SHORT_LITERAL + 1, "the length of a literal");
        }
        int count = fit(in, literal + 1, out.length - at);
        in.copy(out, at, count, "a literal");
        at += count;
        continue;
      }
      int count = kind == 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
      long distance =
          switch (kind) {
            case 1 -> (long) (tag >> 5) << 8 | in.u8("a distance");
            case 2 -> in.unsigned(2, "a distance");
            default -> in.unsigned(4, "a distance");
          };
      if (distance == 0 || distance > at) {
        throw in.invalid(
            "copies from " + distance + " bytes before, where " + at + " are unpacked");
      }
      fit(in, count, out.length - at);
      // One by one: a copy may run into itself.
      for (int i = 0; i < count; i++, at++) {
        out[at] = out[at - (int) distance];
      }
    }
    if (at != out.length) {
      throw in.invalid("unpacks to " + at + " bytes, expected " + out.length);
    }
    return out;
  }

  private static int fit(ByteCursor in, long count, int room) throws MalformedCheckpointException {
    if (count > room) {
      throw in.invalid("unpacks to more bytes than it says");
    }
    return (int) count;
  }
}
