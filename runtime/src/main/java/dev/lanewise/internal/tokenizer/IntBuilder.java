package dev.lanewise.internal.tokenizer;

import java.util.Arrays;

/** A growable list of ints. */
final class IntBuilder {

  private int[] array;
  private int size;

  IntBuilder(int capacity) {
    array = new int[Math.max(8, capacity)];
  }

  void add(int value) {
    if (size == array.length) {
      array = Arrays.copyOf(array, Math.max(size + 1, (int) Math.min(1L << 30, size * 2L)));
    }
    array[size++] = value;
  }

  void addAll(int[] values, int count) {
    if (array.length - size < count) {
      int needed = Math.addExact(size, count);
      array = Arrays.copyOf(array, Math.max(needed, (int) Math.min(1L << 30, size * 2L)));
    }
    System.arraycopy(values, 0, array, size, count);
    size += count;
  }

  int size() {
    return size;
  }

  int[] toArray() {
    return Arrays.copyOf(array, size);
  }
}
