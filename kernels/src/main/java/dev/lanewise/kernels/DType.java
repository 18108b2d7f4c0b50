package dev.lanewise.kernels;

/** How the elements of a stored tensor are encoded: in blocks of equal size. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(1, 4),
  /** IEEE 754 binary16. */
  F16(1, 2),
  /** The upper half of a binary32. */
  BF16(1, 2),
  /** IEEE 754 binary64. */
  F64(1, 8),
  /** One byte, 0 or 1. */
  BOOL(1, 1),
  /** Unsigned 8 bits. */
  U8(1, 1),
  /** Signed 8 bits. */
  I8(1, 1),
  /** Unsigned 16 bits. */
  U16(1, 2),
  /** Signed 16 bits. */
  I16(1, 2),
  /** Unsigned 32 bits. */
  U32(1, 4),
  /** Signed 32 bits. */
  I32(1, 4),
  /** Unsigned 64 bits. */
  U64(1, 8),
  /** Signed 64 bits. */
  I64(1, 8);

  private final int blockSize;
  private final int blockBytes;

  DType(int blockSize, int blockBytes) {
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
  }

  /** Elements a block. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes a block. */
  public int blockBytes() {
    return blockBytes;
  }

  /**
   * Bytes of {@code elements} elements.
   *
   * @throws IllegalArgumentException if they do not fill whole blocks
   * @throws ArithmeticException if the result passes 2^63
   */
  public long bytes(long elements) {
    if (elements < 0) {
      throw new IllegalArgumentException("negative count " + elements);
    }
    if (elements % blockSize != 0) {
      throw new IllegalArgumentException(
          elements + " elements do not fill whole blocks of " + blockSize);
    }
    return Math.multiplyExact(elements / blockSize, (long) blockBytes);
  }
}
