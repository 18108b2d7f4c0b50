package dev.lanewise;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How to continue a text. Immutable; each {@code with} method gives other options, and throws
 * {@link IllegalArgumentException} if the value is out of its range.
 *
 * <p>What they do to the model's logits, in this order: logit bias, repetition penalty, presence
 * and frequency penalty, n-grams not to repeat, banned ids; then, unless greedy, temperature,
 * top-k, top-p, min-p, typical-p. Each of the last four sees the probabilities of the tokens that
 * the one before it left.
 */
public final class GenerationOptions {

  /** Guesses in a pass at most: more rows than that are no cheaper together. */
  public static final int MAX_LOOKUP = 64;

  private static final GenerationOptions GREEDY = new GenerationOptions(new Values());

  private final Values values;

  private GenerationOptions(Values values) {
    this.values = values;
  }

  /** 64 tokens, greedy. */
  public static GenerationOptions greedy() {
    return GREEDY;
  }

  /** 64 tokens, drawn at temperature 1 from all tokens. */
  public static GenerationOptions sampling() {
    return GREEDY.withTemperature(1);
  }

  /** New tokens at most. */
  public int maxTokens() {
    return values.maxTokens;
  }

  /** Logits are divided by it; 0 takes the likeliest token always (greedy). */
  public double temperature() {
    return values.temperature;
  }

  /** Whether the likeliest token is always taken, after penalties, bias and bans. */
  public boolean isGreedy() {
    return values.temperature == 0;
  }

  /** Only the k likeliest tokens are drawn from; 0 for all. */
  public int topK() {
    return values.topK;
  }

  /** Only the likeliest tokens that have this probability together are drawn from; 1 for all. */
  public double topP() {
    return values.topP;
  }

  /** Only tokens of at least this share of the likeliest one's probability; 0 for all. */
  public double minP() {
    return values.minP;
  }

  /** Only tokens near the expected information that have this probability together; 1 for all. */
  public double typicalP() {
    return values.typicalP;
  }

  /** What makes each id of prompt and new text less likely (above 1) or likelier; 1 for nothing. */
  public double repetitionPenalty() {
    return values.repetitionPenalty;
  }

  /** Subtracted from the logit of an id that was generated before; 0 for nothing. */
  public double presencePenalty() {
    return values.presencePenalty;
  }

  /** Subtracted from an id's logit for each time that it was generated before; 0 for nothing. */
  public double frequencyPenalty() {
    return values.frequencyPenalty;
  }

  /** No run of so many tokens comes twice in prompt and new text; 0 for no such rule. */
  public int noRepeatNgram() {
    return values.noRepeatNgram;
  }

  /** What is added to the logits of some ids. */
  public Map<Integer, Double> logitBias() {
    return values.logitBias;
  }

  /** Ids that never come. */
  public Set<Integer> bannedIds() {
    return values.bannedIds;
  }

  /** Ids that end the text, besides the model's own end of text. */
  public Set<Integer> stopIds() {
    return values.stopIds;
  }

  /** Texts that end the text, and are not part of it. */
  public List<String> stopStrings() {
    return values.stopStrings;
  }

  /** Tokens that are guessed and checked in one pass where the text repeats itself; 0 for none. */
  public int lookup() {
    return values.lookup;
  }

  /** Seed of the random numbers; without one each generation draws its own and reports it. */
  public OptionalLong seed() {
    return values.seed;
  }

  /** These options with another limit, at least 0. */
  public GenerationOptions withMaxTokens(int maxTokens) {
    requireNotNegative("maxTokens", maxTokens);
    return with(v -> v.maxTokens = maxTokens);
  }

  /** These options with another temperature: 0, or a positive number of float's range. */
  public GenerationOptions withTemperature(double temperature) {
    require("temperature", temperature, 0, Float.MAX_VALUE);
    return with(v -> v.temperature = temperature);
  }

  /** These options with another number of candidates; more than the vocabulary is all. */
  public GenerationOptions withTopK(int topK) {
    requireNotNegative("topK", topK);
    return with(v -> v.topK = topK);
  }

  /**
   * These options with nucleus sampling (Holtzman et al. 2020).
   *
   * @param topP 0 to 1; the likeliest token is always among the candidates
   */
  public GenerationOptions withTopP(double topP) {
    require("topP", topP, 0, 1);
    return with(v -> v.topP = topP);
  }

  /**
   * These options with min-p sampling (Nguyen et al. 2024).
   *
   * @param minP 0 to 1
   */
  public GenerationOptions withMinP(double minP) {
    require("minP", minP, 0, 1);
    return with(v -> v.minP = minP);
  }

  /**
   * These options with locally typical sampling (Meister et al. 2022).
   *
   * @param typicalP 0 to 1; at 0 the one token nearest to the expected information
   */
  public GenerationOptions withTypicalP(double typicalP) {
    require("typicalP", typicalP, 0, 1);
    return with(v -> v.typicalP = typicalP);
  }

  /**
   * These options with a repetition penalty (Keskar et al. 2019): positive logits are divided by
   * it, negative ones multiplied, once for each distinct id. The prompt counts.
   *
   * @param penalty a positive number of float's range, not subnormal
   */
  public GenerationOptions withRepetitionPenalty(double penalty) {
    require("repetitionPenalty", penalty, Float.MIN_NORMAL, Float.MAX_VALUE);
    return with(v -> v.repetitionPenalty = penalty);
  }

  /**
   * These options with a presence penalty as OpenAI's API defines it. The prompt does not count.
   *
   * @param penalty -2 to 2
   */
  public GenerationOptions withPresencePenalty(double penalty) {
    require("presencePenalty", penalty, -2, 2);
    return with(v -> v.presencePenalty = penalty);
  }

  /**
   * These options with a frequency penalty as OpenAI's API defines it. The prompt does not count.
   *
   * @param penalty -2 to 2
   */
  public GenerationOptions withFrequencyPenalty(double penalty) {
    require("frequencyPenalty", penalty, -2, 2);
    return with(v -> v.frequencyPenalty = penalty);
  }

  /** These options with no run of n tokens twice (the prompt counts); 0 for no such rule. */
  public GenerationOptions withNoRepeatNgram(int n) {
    requireNotNegative("noRepeatNgram", n);
    return with(v -> v.noRepeatNgram = n);
  }

  /**
   * These options with other biases.
   *
   * @param biases by id, each of float's range
   */
  public GenerationOptions withLogitBias(Map<Integer, Double> biases) {
    Map<Integer, Double> copy = Map.copyOf(biases);
    requireIds("logitBias", copy.keySet());
    copy.forEach(
        (id, bias) -> require("logitBias of id " + id, bias, -Float.MAX_VALUE, Float.MAX_VALUE));
    return with(v -> v.logitBias = copy);
  }

  /** These options with other banned ids; the end of text may be one. */
  public GenerationOptions withBannedIds(Collection<Integer> ids) {
    Set<Integer> copy = Set.copyOf(ids);
    requireIds("bannedIds", copy);
    return with(v -> v.bannedIds = copy);
  }

  /** These options with other stop ids. */
  public GenerationOptions withStopIds(Collection<Integer> ids) {
    Set<Integer> copy = Set.copyOf(ids);
    requireIds("stopIds", copy);
    return with(v -> v.stopIds = copy);
  }

  /**
   * These options with other stop strings. The text ends where the first of them is complete, and
   * before it; the tokens up to there are those of the generation. A listener never sees a part of
   * one: what may become a stop string is held back until it is clear.
   *
   * @param strings none empty, none with an unpaired surrogate
   */
  public GenerationOptions withStopStrings(Collection<String> strings) {
    List<String> copy = List.copyOf(strings);
    for (String string : copy) {
      if (string.isEmpty()) {
        throw new IllegalArgumentException("stopStrings: a string is empty");
      }
      if (string.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
        throw new IllegalArgumentException("stopStrings: a string has an unpaired surrogate");
      }
    }
    return with(v -> v.stopStrings = copy);
  }

  /**
   * These options with another number of guessed tokens: changes the time, never the text.
   *
   * @param lookup 0 to {@link #MAX_LOOKUP}
   */
  public GenerationOptions withLookup(int lookup) {
    require("lookup", lookup, 0, MAX_LOOKUP);
    return with(v -> v.lookup = lookup);
  }

  /** These options with a seed. */
  public GenerationOptions withSeed(long seed) {
    return with(v -> v.seed = OptionalLong.of(seed));
  }

  private GenerationOptions with(Consumer<Values> change) {
    Values changed = new Values(values);
    change.accept(changed);
    return new GenerationOptions(changed);
  }

  private static void requireNotNegative(String what, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(what + " must be at least 0, found " + value);
    }
  }

  private static void require(String what, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          "%s must be a number from %s to %s, found %s"
              .formatted(what, plain(min), plain(max), value));
    }
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) && Math.abs(bound) < 100
        ? Integer.toString((int) bound)
        : Float.toString((float) bound);
  }

  private static void requireIds(String what, Set<Integer> ids) {
    for (int id : ids) {
      if (id < 0) {
        throw new IllegalArgumentException(what + ": an id is at least 0, found " + id);
      }
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GenerationOptions o && values.list().equals(o.values.list());
  }

  @Override
  public int hashCode() {
    return values.list().hashCode();
  }

  @Override
  public String toString() {
    return "GenerationOptions" + values.list();
  }

  /** The values; changed only between copy and use. */
  private static final class Values {
    int maxTokens = 64;
    double temperature;
    int topK;
    double topP = 1;
    double minP;
    double typicalP = 1;
    double repetitionPenalty = 1;
    double presencePenalty;
    double frequencyPenalty;
    int noRepeatNgram;
    Map<Integer, Double> logitBias = Map.of();
    Set<Integer> bannedIds = Set.of();
    Set<Integer> stopIds = Set.of();
    List<String> stopStrings = List.of();
    int lookup;
    OptionalLong seed = OptionalLong.empty();

    Values() {}

    Values(Values from) {
      maxTokens = from.maxTokens;
      temperature = from.temperature;
      topK = from.topK;
      topP = from.topP;
      minP = from.minP;
      typicalP = from.typicalP;
      repetitionPenalty = from.repetitionPenalty;
      presencePenalty = from.presencePenalty;
      frequencyPenalty = from.frequencyPenalty;
      noRepeatNgram = from.noRepeatNgram;
      logitBias = from.logitBias;
      bannedIds = from.bannedIds;
      stopIds = from.stopIds;
      stopStrings = from.stopStrings;
      lookup = from.lookup;
      seed = from.seed;
    }

    List<String> list() {
      return List.of(
          "maxTokens=" + maxTokens,
          "temperature=" + temperature,
          "topK=" + topK,
          "topP=" + topP,
          "minP=" + minP,
          "typicalP=" + typicalP,
          "repetitionPenalty=" + repetitionPenalty,
          "presencePenalty=" + presencePenalty,
          "frequencyPenalty=" + frequencyPenalty,
          "noRepeatNgram=" + noRepeatNgram,
          "logitBias=" + new TreeMap<>(logitBias),
          "bannedIds=" + new TreeSet<>(bannedIds),
          "stopIds=" + new TreeSet<>(stopIds),
          "stopStrings=" + stopStrings,
          "lookup=" + lookup,
          "seed=" + seed);
    }
  }
}
