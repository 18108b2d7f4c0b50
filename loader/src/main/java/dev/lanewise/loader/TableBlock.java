package dev.lanewise.loader;

import java.util.Arrays;

/**
 * A block of a {@link SortedTable}: entries whose keys leave out what they share with the one
 * before, then the places of those that share nothing, and their count. Walked once, in order.
 */
final class TableBlock {

  /** Ours, in bytes: names of tensors are far shorter. */
  static final int MAX_KEY_BYTES = 1024;

  /** No further entry is said to share nothing. */
  private static final int NONE = -1;

  private final byte[] bytes;
  private final int from;
  private final ByteCursor in;
  private final ByteCursor restarts;
  private int nextRestart;

  private byte[] key = new byte[64];
  private int keyBytes;
  private boolean first = true;
  private ByteCursor value;

  /** The block that is {@code bytes} from {@code from} to {@code to}. */
  TableBlock(String place, byte[] bytes, int from, int to) throws MalformedCheckpointException {
    this.bytes = bytes;
    this.from = from;
    int countAt = to - Integer.BYTES;
    if (countAt < from) {
      throw new MalformedCheckpointException(
          place + ": has " + (to - from) + " bytes, expected at least 4");
    }
    long count = new ByteCursor(place, bytes, countAt, to).unsigned(Integer.BYTES, "the count");
    if (count < 1 || count > (countAt - from) / Integer.BYTES) {
      throw new MalformedCheckpointException(
          place + ": says that it has " + count + " restarts, in " + (countAt - from) + " bytes");
    }
    int end = countAt - Integer.BYTES * (int) count;
    this.in = new ByteCursor(place, bytes, from, end);
    this.restarts = new ByteCursor(place, bytes, end, countAt);
    this.value = in;
    this.nextRestart = restarts.i32("a restart");
    if (in.remaining() == 0 && count == 1 && nextRestart == 0) {
      nextRestart = NONE; // An empty block has this one.
    }
  }

  /** Goes to the next entry; false if there is none. */
  boolean next() throws MalformedCheckpointException {
    if (in.remaining() == 0) {
      if (nextRestart != NONE) {
        throw in.invalid("says a restart at byte " + nextRestart + ", where no entry begins");
      }
      return false;
    }
    int start = in.position();
    long shared = in.varint("the shared length of a key");
    long rest = in.varint("the length of a key");
    long valueBytes = in.varint("the length of a value");
    if (shared < 0 || shared > keyBytes) {
      throw in.invalid(
          "a key shares " + Long.toUnsignedString(shared) + " bytes with one of " + keyBytes);
    }
    if (rest < 0 || rest > MAX_KEY_BYTES - shared) {
      throw in.invalid(
          "a key has "
              + Long.toUnsignedString(shared + rest)
              + " bytes, supported are up to "
              + MAX_KEY_BYTES);
    }
    if (start == nextRestart) {
      if (shared != 0) {
        throw in.invalid("the entry at byte " + start + " is a restart, but shares its key");
      }
      nextRestart = restarts.remaining() > 0 ? restarts.i32("a restart") : NONE;
    }
    readKey((int) shared, (int) rest);
    if (valueBytes < 0 || valueBytes > in.remaining()) {
      throw in.invalid(
          "a value has "
              + Long.toUnsignedString(valueBytes)
              + " bytes, but "
              + in.remaining()
              + " follow");
    }
    value = in.slice((int) valueBytes, "a value");
    return true;
  }

  private void readKey(int shared, int rest) throws MalformedCheckpointException {
    int start = from + in.position();
    in.skip(rest, "a key");
    if (!first && Arrays.compareUnsigned(bytes, start, start + rest, key, shared, keyBytes) <= 0) {
      throw in.invalid("the key that ends at byte " + in.position() + " is not after the last");
    }
    first = false;
    keyBytes = shared + rest;
    if (key.length < keyBytes) {
      key = Arrays.copyOf(key, MAX_KEY_BYTES);
    }
    System.arraycopy(bytes, start, key, shared, rest);
  }

  /** The order of this entry's key and another: below 0 if the other comes later. */
  int compareKey(byte[] other) {
    return Arrays.compareUnsigned(key, 0, keyBytes, other, 0, other.length);
  }

  /** The key of this entry. */
  byte[] key() {
    return Arrays.copyOf(key, keyBytes);
  }

  /** The value of this entry. */
  ByteCursor value() {
    return value;
  }
}
