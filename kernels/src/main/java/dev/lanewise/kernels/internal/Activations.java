package dev.lanewise.kernels.internal;

import dev.lanewise.kernels.Activation;

/**
 * The activations of one float: the oracle of the vector version, which does the same operations.
 *
 * <p>Absolute error against double arithmetic at most 2.5e-7 max(1, |x|); relative error of GELU by
 * tanh at most 3 (4 + x^2) 2^-24 where the result is above 1e-37. NaN gives NaN; at negative
 * infinity the GELUs and SILUs give NaN, as their formulas do.
 */
public final class Activations {

  /** -2 sqrt(2 / pi). */
  public static final float GELU_LINEAR = -1.595769f;

  /** -2 sqrt(2 / pi) * 0.044715. */
  public static final float GELU_CUBIC = -0.07135482f;

  /** Step of the substitution t = 1 / (1 + 0.25 |x|) that makes Phi's tail a polynomial. */
  public static final float PHI_STEP = 0.25f;

  /** Coefficients of t .. t^7 in Phi(-|x|) = exp(-x^2 / 2) p(t). */
  public static final float PHI1 = 0.09895424f;

  /** See {@link #PHI1}. */
  public static final float PHI2 = 0.11071803f;

  /** See {@link #PHI1}. */
  public static final float PHI3 = 0.030953096f;

  /** See {@link #PHI1}. */
  public static final float PHI4 = 0.26826033f;

  /** See {@link #PHI1}. */
  public static final float PHI5 = -0.252347f;

  /** See {@link #PHI1}. */
  public static final float PHI6 = 0.3330127f;

  /** See {@link #PHI1}. */
  public static final float PHI7 = -0.08955135f;

  /** Below it tanh is a polynomial: 1 - 2 / (exp(2x) + 1) would lose what is small. */
  public static final float TANH_SMALL = 0.625f;

  /** Coefficients of x^2 .. x^10 in tanh(x) / x. */
  public static final float TANH2 = -0.3333328f;

  /** See {@link #TANH2}. */
  public static final float TANH4 = 0.13331406f;

  /** See {@link #TANH2}. */
  public static final float TANH6 = -0.053736515f;

  /** See {@link #TANH2}. */
  public static final float TANH8 = 0.020628167f;

  /** See {@link #TANH2}. */
  public static final float TANH10 = -0.005692296f;

  /** Of x / (1 + exp(-1.702 x)). */
  public static final float QUICK = -1.702f;

  private Activations() {}

  /** The activation of x. */
  public static float apply(Activation activation, float x) {
    return switch (activation) {
      case GELU_TANH -> geluTanh(x);
      case GELU_ERF -> geluErf(x);
      case RELU -> relu(x);
      case SILU -> silu(x);
      case TANH -> tanh(x);
      case QUICK_GELU -> quickGelu(x);
    };
  }

  /**
   * 0.5 x (1 + tanh u) = x / (1 + exp(-2u)), u = sqrt(2/pi) (x + 0.044715 x^3): no cancellation
   * where tanh is near -1.
   */
  public static float geluTanh(float x) {
    float minusTwoU = Fma.fma(x * x, GELU_CUBIC, GELU_LINEAR) * x;
    return x / (1f + Exp.exp(minusTwoU));
  }

  /** x Phi(x); for negative x by the tail, so that the relative error stays small there. */
  public static float geluErf(float x) {
    float t = 1f / Fma.fma(Math.abs(x), PHI_STEP, 1f);
    float p = Fma.fma(PHI7, t, PHI6);
    p = Fma.fma(p, t, PHI5);
    p = Fma.fma(p, t, PHI4);
    p = Fma.fma(p, t, PHI3);
    p = Fma.fma(p, t, PHI2);
    p = Fma.fma(p, t, PHI1);
    float tail = Exp.exp(x * x * -0.5f) * (p * t);
    return x * (x < 0f ? tail : 1f - tail);
  }

  /** max(x, 0); NaN and -0 stay what they are. */
  public static float relu(float x) {
    return x < 0f ? 0f : x;
  }

  /** x / (1 + exp(-x)). */
  public static float silu(float x) {
    return x / (1f + Exp.exp(-x));
  }

  /** tanh(x). */
  public static float tanh(float x) {
    float s = x * x;
    float p = Fma.fma(TANH10, s, TANH8);
    p = Fma.fma(p, s, TANH6);
    p = Fma.fma(p, s, TANH4);
    p = Fma.fma(p, s, TANH2);
    float small = x * Fma.fma(p, s, 1f);
    float magnitude = Math.abs(x);
    float large = 1f - 2f / (Exp.exp(magnitude + magnitude) + 1f);
    large = x < 0f ? -large : large;
    return magnitude < TANH_SMALL ? small : large;
  }

  /** x / (1 + exp(-1.702 x)). */
  public static float quickGelu(float x) {
    return x / (1f + Exp.exp(x * QUICK));
  }
}
