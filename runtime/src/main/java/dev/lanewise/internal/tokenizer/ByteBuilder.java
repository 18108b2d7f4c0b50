package dev.lanewise.internal.tokenizer;

import java.util.Arrays;

/**
 * A growable byte buffer. The array always has {@link #PADDING} bytes past the content, so that a
 * word of the content can be read as a {@code long}.
 */
final class ByteBuilder {

  /** Bytes of the array that content never takes. */
  static final int PADDING = 8;

  /** Content is {@code [0, size)}; replaced when it grows. */
  byte[] array;

  /** Bytes of content. */
  int size;

  ByteBuilder(int capacity) {
    array = new byte[Math.addExact(capacity, PADDING)];
  }

  /** Makes room for {@code count} more bytes and the padding. */
  void reserve(int count) {
    int needed = Math.addExact(Math.addExact(size, count), PADDING);
    if (needed > array.length) {
      long grown = Math.min(Integer.MAX_VALUE - 64L, array.length * 2L);
      array = Arrays.copyOf(array, (int) Math.max(needed, grown));
    }
  }

  void add(int b) {
    if (size + PADDING >= array.length) {
      reserve(1);
    }
    array[size++] = (byte) b;
  }

  void add(byte[] source, int from, int to) {
    reserve(to - from);
    System.arraycopy(source, from, array, size, to - from);
    size += to - from;
  }

  /** Appends the UTF-8 form of a code point that is no surrogate. */
  void addCodePoint(int codePoint) {
    reserve(4);
    size += Utf8.put(codePoint, array, size);
  }
}
