package dev.lanewise;

/** Why a generation ended. */
public enum FinishReason {
  /** The number of tokens asked for. */
  LENGTH,
  /** A stop id or stop string of the options. */
  STOP,
  /** The model's end-of-text token. */
  EOS,
  /** The context is full. */
  CONTEXT,
  /** The listener or an interrupt. */
  CANCELLED
}
