package dev.lanewise.kernels;

import dev.lanewise.kernels.internal.F32;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Rows of a matrix {@code (out, in)} as files hold them: an embedding of which few rows are read
 * can stay mapped. The numbers are those of {@link SmallWeights#decodeOutput}, bit for bit.
 */
public final class StoredRows {

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private StoredRows() {}

  /**
   * The numbers of row {@code n}.
   *
   * @param type one of {@link SmallWeights#TYPES}
   * @param rows the whole matrix, as stored
   * @param in inputs, whole blocks of the type
   * @param target receives {@code in} floats at byte {@code offset}
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public static void decode(
      DType type, MemorySegment rows, int n, int in, MemorySegment target, long offset) {
    long at = type.matrixBytes(n, in);
    switch (type) {
      case F16 -> {
        for (long k = 0; k < in; k++) {
          float value = Float.float16ToFloat(rows.get(SHORT, at + k * Short.BYTES));
          target.set(F32.LAYOUT, offset + k * Float.BYTES, value);
        }
      }
      case BF16 -> {
        for (long k = 0; k < in; k++) {
          float value = Float.intBitsToFloat(rows.get(SHORT, at + k * Short.BYTES) << 16);
          target.set(F32.LAYOUT, offset + k * Float.BYTES, value);
        }
      }
      case I8_SCALED, I8A8 ->
          decodeBytes(rows, at + Float.BYTES, in, rows.get(F32.LAYOUT, at), target, offset);
      case Q8_0 -> {
        for (int k = 0; k < in; k += type.blockSize(), at += type.blockBytes()) {
          float scale = Float.float16ToFloat(rows.get(SHORT, at));
          long to = offset + (long) k * Float.BYTES;
          decodeBytes(rows, at + Short.BYTES, type.blockSize(), scale, target, to);
        }
      }
      case Q4_0 -> {
        for (int k = 0; k < in; k += type.blockSize(), at += type.blockBytes()) {
          decodeNibbles(rows, at, type.blockSize() / 2, target, offset + (long) k * Float.BYTES);
        }
      }
      default -> throw new IllegalArgumentException(type + " is no type of small weights");
    }
  }

  // Adding a zero makes zeros positive, whatever the sign of the scale.

  private static void decodeBytes(
      MemorySegment rows, long at, int count, float scale, MemorySegment target, long offset) {
    for (long k = 0; k < count; k++) {
      target.set(F32.LAYOUT, offset + k * Float.BYTES, rows.get(BYTE, at + k) * scale + 0f);
    }
  }

  /** A block: the scale, then pairs of weights k and k + half. */
  private static void decodeNibbles(
      MemorySegment rows, long at, int half, MemorySegment target, long offset) {
    float scale = Float.float16ToFloat(rows.get(SHORT, at));
    for (long k = 0; k < half; k++) {
      int pair = rows.get(BYTE, at + Short.BYTES + k);
      long to = offset + k * Float.BYTES;
      target.set(F32.LAYOUT, to, ((pair & 0xf) - 8) * scale + 0f);
      target.set(F32.LAYOUT, to + (long) half * Float.BYTES, ((pair >> 4 & 0xf) - 8) * scale + 0f);
    }
  }
}
