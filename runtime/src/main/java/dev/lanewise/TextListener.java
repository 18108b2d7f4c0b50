package dev.lanewise;

/** Receives generated text as it comes. */
@FunctionalInterface
public interface TextListener {

  /**
   * Called on the generating thread with the next piece, never half a character nor any part of a
   * stop string. The pieces joined equal the generation's text.
   *
   * @param piece not empty
   * @return whether to go on; false cancels
   */
  boolean onText(String piece);
}
