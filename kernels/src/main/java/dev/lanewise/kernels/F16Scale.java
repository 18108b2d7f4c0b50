package dev.lanewise.kernels;

/** The scale of a block, which must be finite as an F16. */
final class F16Scale {

  private F16Scale() {}

  static short of(float value) {
    short half = Float.floatToFloat16(value);
    if (!Float.isFinite(Float.float16ToFloat(half))) {
      throw new IllegalArgumentException(value + " is too large for 16 bits");
    }
    return half;
  }
}
