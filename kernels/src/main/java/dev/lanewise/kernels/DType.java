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
  I64(1, 8),
  /** Matrices only: signed 8 bits, a float32 scale for each output. */
  I8_SCALED(1, 1),
  /** Matrices only: {@link #I8_SCALED}, to be multiplied with activations of 8 bits. */
  I8A8(1, 1),
  /** ggml: 4 bits around 8, an F16 scale for 32. */
  Q4_0(32, 18),
  /** ggml: 4 bits, F16 scale and minimum for 32. */
  Q4_1(32, 20),
  /** ggml: 5 bits around 16, an F16 scale for 32. */
  Q5_0(32, 22),
  /** ggml: 5 bits, F16 scale and minimum for 32. */
  Q5_1(32, 24),
  /** ggml: signed 8 bits, an F16 scale for 32. */
  Q8_0(32, 34),
  /** ggml: 2 bits, 4-bit scale and minimum for 16, F16 factors of both for 256. */
  Q2_K(256, 84),
  /** ggml: 3 bits, a 6-bit scale for 16, an F16 factor for 256. */
  Q3_K(256, 110),
  /** ggml: 4 bits, 6-bit scale and minimum for 32, F16 factors of both for 256. */
  Q4_K(256, 144),
  /** ggml: 5 bits, 6-bit scale and minimum for 32, F16 factors of both for 256. */
  Q5_K(256, 176),
  /** ggml: 6 bits, an 8-bit scale for 16, an F16 factor for 256. */
  Q6_K(256, 210),
  /** ggml: 4-bit places in a table of 16 values, an F16 scale for 32. */
  IQ4_NL(32, 18);

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

  /** Whether elements share a block, so that none can be read alone. */
  public boolean isQuantized() {
    return blockSize > 1;
  }

  /** Whether each output of a matrix has a scale, a float32 before its elements. */
  public boolean hasOutputScales() {
    return this == I8_SCALED || this == I8A8;
  }

  /**
   * Bytes of a matrix {@code (out, in)}, scales included.
   *
   * @throws IllegalArgumentException if a row does not fill whole blocks
   * @throws ArithmeticException if the result passes 2^63
   */
  public long matrixBytes(long out, long in) {
    long row = bytes(in) + (hasOutputScales() ? Float.BYTES : 0);
    return Math.multiplyExact(out, row);
  }

  /**
   * Bytes of {@code elements} elements; scales of outputs are not elements.
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
