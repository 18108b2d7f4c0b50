package dev.lanewise;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The answer to {@link TextGenerator#generate}.
 *
 * @param text of the new tokens, up to a stop string
 * @param promptTokens ids of the prompt
 * @param tokens ids of the new tokens; an end-of-text token or stop id is not among them
 * @param finishReason why it ended
 * @param stopId the id that stopped it, of {@link GenerationOptions#stopIds}
 * @param stopString the text that stopped it, of {@link GenerationOptions#stopStrings}
 * @param seed of the random numbers, empty when greedy
 * @param promptNanos time until the prompt was read
 * @param generateNanos time from then to the end
 */
public record Generation(
    String text,
    List<Integer> promptTokens,
    List<Integer> tokens,
    FinishReason finishReason,
    OptionalInt stopId,
    Optional<String> stopString,
    OptionalLong seed,
    long promptNanos,
    long generateNanos) {

  /** Copies the lists. */
  public Generation {
    promptTokens = List.copyOf(promptTokens);
    tokens = List.copyOf(tokens);
  }
}
