package dev.lanewise.kernels;

/** The non-linearity between the two matrices of a feed-forward layer. */
public enum Activation {
  /** 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): "gelu" of GPT-1, "gelu_new" of GPT-2. */
  GELU_TANH,
  /** x Phi(x), Phi the normal distribution function: "gelu" of GPT-2. */
  GELU_ERF,
  /** max(x, 0). */
  RELU,
  /** x / (1 + exp(-x)). */
  SILU,
  /** tanh(x). */
  TANH,
  /** x / (1 + exp(-1.702 x)). */
  QUICK_GELU
}
