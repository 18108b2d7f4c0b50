package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import org.jspecify.annotations.Nullable;

/** Types of a GGUF file by their numbers: of tensors (ggml_type) and of metadata values. */
final class GgufType {

  /** Metadata types; a place in this list is the number. */
  enum Value {
    /** Unsigned 8 bits. */
    UINT8(1),
    /** Signed 8 bits. */
    INT8(1),
    /** Unsigned 16 bits. */
    UINT16(2),
    /** Signed 16 bits. */
    INT16(2),
    /** Unsigned 32 bits. */
    UINT32(4),
    /** Signed 32 bits. */
    INT32(4),
    /** IEEE 754 binary32. */
    FLOAT32(4),
    /** One byte, 0 or 1. */
    BOOL(1),
    /** Length of 64 bits, then UTF-8. */
    STRING(8),
    /** Type of 32 bits, count of 64, then the values. */
    ARRAY(12),
    /** Unsigned 64 bits. */
    UINT64(8),
    /** Signed 64 bits. */
    INT64(8),
    /** IEEE 754 binary64. */
    FLOAT64(8);

    /** Bytes that a value has at least; exact but for strings and arrays. */
    final int minBytes;

    Value(int minBytes) {
      this.minBytes = minBytes;
    }
  }

  private static final Value[] VALUES = Value.values();

  /** For error messages. */
  static final String SUPPORTED =
      "F32, F16, BF16, F64, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL";

  private GgufType() {}

  /** The metadata type of a number, or null. */
  static @Nullable Value value(long number) {
    return number < VALUES.length ? VALUES[(int) number] : null;
  }

  /** The element type of a number, or null where it is not supported. */
  static @Nullable DType dtype(int number) {
    return switch (number) {
      case 0 -> DType.F32;
      case 1 -> DType.F16;
      case 2 -> DType.Q4_0;
      case 3 -> DType.Q4_1;
      case 6 -> DType.Q5_0;
      case 7 -> DType.Q5_1;
      case 8 -> DType.Q8_0;
      case 10 -> DType.Q2_K;
      case 11 -> DType.Q3_K;
      case 12 -> DType.Q4_K;
      case 13 -> DType.Q5_K;
      case 14 -> DType.Q6_K;
      case 20 -> DType.IQ4_NL;
      case 24 -> DType.I8;
      case 25 -> DType.I16;
      case 26 -> DType.I32;
      case 27 -> DType.I64;
      case 28 -> DType.F64;
      case 30 -> DType.BF16;
      default -> null;
    };
  }

  /** What ggml calls a type that is not supported. */
  static String nameOf(int number) {
    return switch (number) {
      case 4, 5, 31, 32, 33, 36, 37, 38 -> "a type that ggml has removed";
      case 9 -> "Q8_1";
      case 15 -> "Q8_K";
      case 16 -> "IQ2_XXS";
      case 17 -> "IQ2_XS";
      case 18 -> "IQ3_XXS";
      case 19 -> "IQ1_S";
      case 21 -> "IQ3_S";
      case 22 -> "IQ2_S";
      case 23 -> "IQ4_XS";
      case 29 -> "IQ1_M";
      case 34 -> "TQ1_0";
      case 35 -> "TQ2_0";
      case 39 -> "MXFP4";
      default -> "an unknown type";
    };
  }
}
