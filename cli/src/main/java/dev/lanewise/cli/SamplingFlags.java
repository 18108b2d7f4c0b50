package dev.lanewise.cli;

import dev.lanewise.GenerationOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that generate: how tokens are chosen, and where the text ends. */
final class SamplingFlags {

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "New tokens at most (default: 64).")
  private @Nullable Integer maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Draw with logits divided by T; 0 is greedy (default when sampling: 1).")
  private @Nullable Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw from the K likeliest tokens; 0 for all (default when sampling: 0).")
  private @Nullable Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw from the likeliest tokens that have probability P together.")
  private @Nullable Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Draw from tokens of at least P times the likeliest one's probability.")
  private @Nullable Double minP;

  @Option(
      names = "--typical-p",
      paramLabel = "P",
      description =
          "Draw from tokens near the expected information that have probability P together.")
  private @Nullable Double typicalP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the draws (default when sampling: a new one, which is told).")
  private @Nullable Long seed;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      description =
          "Divide logits of tokens that were there by X, multiply negative ones; also when greedy.")
  private @Nullable Double repetitionPenalty;

  @Option(
      names = "--presence-penalty",
      paramLabel = "X",
      description = "Subtract X, -2 to 2, from logits of tokens that were generated.")
  private @Nullable Double presencePenalty;

  @Option(
      names = "--frequency-penalty",
      paramLabel = "X",
      description = "Subtract X, -2 to 2, for each time that a token was generated.")
  private @Nullable Double frequencyPenalty;

  @Option(
      names = "--no-repeat-ngram",
      paramLabel = "N",
      description = "No run of N tokens comes twice; 0 for no such rule (default).")
  private @Nullable Integer noRepeatNgram;

  @Option(
      names = "--logit-bias",
      paramLabel = "ID=X",
      description = "Add X to the logit of a token; repeatable.")
  private @Nullable Map<Integer, Double> logitBias;

  @Option(
      names = "--ban-ids",
      paramLabel = "IDS",
      description = "Tokens that never come, as in 1,2,3.")
  private @Nullable String bannedIds;

  @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; repeatable.")
  private @Nullable List<String> stops;

  @Option(
      names = "--stop-ids",
      paramLabel = "IDS",
      description = "End before these tokens, as in 1,2,3.")
  private @Nullable String stopIds;

  @Option(
      names = "--lookup",
      paramLabel = "N",
      description =
          "Guess up to N tokens where the text repeats itself, and check them in one pass (default:"
              + " 0, none): faster, the same text.")
  private @Nullable Integer lookup;

  /**
   * As the library has them: greedy unless temperature, a choice of candidates or a seed is given.
   *
   * @throws UsageException if a value is out of its range
   */
  GenerationOptions options() {
    boolean sampling =
        temperature != null
            || topK != null
            || topP != null
            || minP != null
            || typicalP != null
            || seed != null;
    GenerationOptions o = sampling ? GenerationOptions.sampling() : GenerationOptions.greedy();
    o = set(o, "--max-tokens", maxTokens, o::withMaxTokens);
    o = set(o, "--temperature", temperature, o::withTemperature);
    o = set(o, "--top-k", topK, o::withTopK);
    o = set(o, "--top-p", topP, o::withTopP);
    o = set(o, "--min-p", minP, o::withMinP);
    o = set(o, "--typical-p", typicalP, o::withTypicalP);
    o = set(o, "--seed", seed, o::withSeed);
    o = set(o, "--repetition-penalty", repetitionPenalty, o::withRepetitionPenalty);
    o = set(o, "--presence-penalty", presencePenalty, o::withPresencePenalty);
    o = set(o, "--frequency-penalty", frequencyPenalty, o::withFrequencyPenalty);
    o = set(o, "--no-repeat-ngram", noRepeatNgram, o::withNoRepeatNgram);
    o = set(o, "--logit-bias", logitBias, o::withLogitBias);
    o = set(o, "--ban-ids", ids("--ban-ids", bannedIds), o::withBannedIds);
    o = set(o, "--stop", stops, o::withStopStrings);
    o = set(o, "--stop-ids", ids("--stop-ids", stopIds), o::withStopIds);
    return set(o, "--lookup", lookup, o::withLookup);
  }

  private static <T> GenerationOptions set(
      GenerationOptions options,
      String name,
      @Nullable T value,
      Function<T, GenerationOptions> with) {
    if (value == null) {
      return options;
    }
    try {
      return with.apply(value);
    } catch (IllegalArgumentException e) { // which begins with the name that Java has for it
      String message = String.valueOf(e.getMessage());
      int space = message.indexOf(' ');
      String colon = message.startsWith(":", Math.max(0, space - 1)) ? ":" : "";
      throw new UsageException(name + colon + message.substring(Math.max(0, space)));
    }
  }

  private static @Nullable List<Integer> ids(String name, @Nullable String list) {
    if (list == null) {
      return null;
    }
    IdList.check(name, list);
    try {
      return Arrays.stream(IdList.parse(list)).boxed().toList();
    } catch (InputException e) {
      throw new UsageException(name + ": an id is out of range in " + list);
    }
  }
}
