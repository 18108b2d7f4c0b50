package dev.lanewise;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What each word of a text does to a classifier's answer, by {@link WordEffects}.
 *
 * @param classification of the text
 * @param words in the order of the text
 */
public record Explanation(Classification classification, List<Word> words) {

  /** Copies the words. */
  public Explanation {
    words = List.copyOf(words);
  }

  /**
   * A word.
   *
   * @param text the word
   * @param start index of its first {@code char} in the text
   * @param end index behind its last one
   * @param effect by how much the best label's log-odds (nats) are higher with the word than
   *     without it: above 0 it speaks for the label, below 0 against it. Empty if the model did not
   *     read the word, because the text was cut before it, or if nothing is left without it
   */
  public record Word(String text, int start, int end, OptionalDouble effect) {}
}
