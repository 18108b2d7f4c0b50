package dev.lanewise.kernels.internal;

/**
 * exp in float arithmetic: the oracle of the vector version, which does the same operations.
 *
 * <p>x = n ln 2 + r with |r| at most ln(2) / 2; exp(r) = 1 + r + r^2 q(r), q of degree 4 fitted for
 * the least relative error (3.1e-9 before rounding); the result is scaled by 2^n, built from its
 * bits and multiplied, so that NaN stays NaN.
 *
 * <p>Error at most 1.013 ulp between {@link #MIN} and {@link #MAX} with FMA, 0.992 without (every
 * float there compared with double arithmetic by a test). Below MIN, where exp(x) is subnormal, the
 * result is 0; above MAX it is infinite, although up to 88.72 exp(x) is still finite: 2^128 is not
 * a float.
 */
public final class Exp {

  /** Smallest argument with a result other than 0: exp(MIN) is just above the smallest normal. */
  public static final float MIN = -87.33654f;

  /** Largest argument with a finite result, a little below 127.5 ln 2. */
  public static final float MAX = 88.37625f;

  /** 1 / ln 2. */
  public static final float LOG2_E = 1.442695f;

  /** 1.5 * 2^23: adding it rounds to an integer, which then is in the low bits. */
  public static final float ROUND = 12582912f;

  /** ln 2 rounded to 9 bits, so that n times it is exact. */
  public static final float LN2_HIGH = 355f / 512f;

  /** ln 2 - LN2_HIGH. */
  public static final float LN2_LOW = -2.1219444e-4f;

  /** Coefficient of r^2. */
  public static final float C2 = 0.49999994f;

  /** Coefficient of r^3. */
  public static final float C3 = 0.16666521f;

  /** Coefficient of r^4. */
  public static final float C4 = 0.041668274f;

  /** Coefficient of r^5. */
  public static final float C5 = 0.008368682f;

  /** Coefficient of r^6. */
  public static final float C6 = 0.0013820119f;

  /** Exponent bias of a float. */
  public static final int BIAS = 127;

  /** Bits of a float's fraction. */
  public static final int FRACTION_BITS = 23;

  private Exp() {}

  /** exp(x). */
  public static float exp(float x) {
    float t = Fma.fma(x, LOG2_E, ROUND);
    float n = t - ROUND;
    float r = Fma.fma(n, -LN2_HIGH, x);
    r = Fma.fma(n, -LN2_LOW, r);
    float q = Fma.fma(C6, r, C5);
    q = Fma.fma(q, r, C4);
    q = Fma.fma(q, r, C3);
    q = Fma.fma(q, r, C2);
    float p = Fma.fma(q, r * r, r) + 1f;
    // The low bits of t are n; those of ROUND are zero and its upper ones leave by the shift.
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) + BIAS) << FRACTION_BITS);
    float y = p * scale;
    y = x < MIN ? 0f : y;
    return x > MAX ? Float.POSITIVE_INFINITY : y;
  }
}
