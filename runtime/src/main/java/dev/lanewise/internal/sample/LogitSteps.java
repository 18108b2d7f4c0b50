package dev.lanewise.internal.sample;

import dev.lanewise.GenerationOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The steps that options ask for. */
public final class LogitSteps {

  private LogitSteps() {}

  /**
   * The steps in the order of the transformers library: logit bias, repetition penalty, presence
   * and frequency penalty (which that library does not have), repeated n-grams, banned ids. Empty
   * if the options ask for none.
   *
   * @param promptLength tokens of the sequence that were not generated
   * @throws IllegalArgumentException if an id is not in the vocabulary
   */
  public static List<LogitStep> of(GenerationOptions options, int promptLength, int vocab) {
    List<LogitStep> steps = new ArrayList<>();
    if (!options.logitBias().isEmpty()) {
      requireIds("id with a logit bias", options.logitBias().keySet(), vocab);
      steps.add(new LogitBias(options.logitBias()));
    }
    if (options.repetitionPenalty() != 1) {
      steps.add(new RepetitionPenalty(options.repetitionPenalty(), vocab));
    }
    if (options.presencePenalty() != 0 || options.frequencyPenalty() != 0) {
      steps.add(
          new CountPenalties(
              options.presencePenalty(), options.frequencyPenalty(), promptLength, vocab));
    }
    if (options.noRepeatNgram() > 0) {
      steps.add(new NoRepeatNgram(options.noRepeatNgram()));
    }
    if (!options.bannedIds().isEmpty()) {
      requireIds("banned id", options.bannedIds(), vocab);
      steps.add(new BannedTokens(options.bannedIds()));
    }
    requireIds("stop id", options.stopIds(), vocab);
    return steps;
  }

  private static void requireIds(String what, Collection<Integer> ids, int vocab) {
    for (int id : ids) {
      if (id >= vocab) {
        throw new IllegalArgumentException(
            "%s %d is out of range, the vocabulary has 0 to %d".formatted(what, id, vocab - 1));
      }
    }
  }
}
