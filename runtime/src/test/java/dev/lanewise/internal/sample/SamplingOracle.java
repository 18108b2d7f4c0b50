package dev.lanewise.internal.sample;

import dev.lanewise.GenerationOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The probability of each next token, written as the papers have it and sharing no code. */
final class SamplingOracle {

  private SamplingOracle() {}

  /** Probability by id; excluded ids are missing. */
  static Map<Integer, Double> probabilities(
      GenerationOptions options, float[] logits, int[] ids, int promptLength) {
    double[] scores = new double[logits.length];
    for (int id = 0; id < scores.length; id++) {
      scores[id] = logits[id] + options.logitBias().getOrDefault(id, 0.0);
    }
    for (int id : new HashSet<>(boxed(ids))) {
      double p = options.repetitionPenalty();
      scores[id] = scores[id] < 0 ? scores[id] * p : scores[id] / p;
    }
    List<Integer> generated = boxed(Arrays.copyOfRange(ids, promptLength, ids.length));
    for (int id : new HashSet<>(generated)) {
      long count = generated.stream().filter(other -> other == id).count();
      scores[id] -= options.presencePenalty() + options.frequencyPenalty() * count;
    }
    TreeMap<Integer, Double> left = new TreeMap<>();
    for (int id = 0; id < scores.length; id++) {
      if (!options.bannedIds().contains(id) && !repeats(ids, id, options.noRepeatNgram())) {
        left.put(id, scores[id] / options.temperature());
      }
    }
    Map<Integer, Double> probabilities = softmax(left);
    if (options.topK() > 0) {
      List<Integer> likeliest = sorted(probabilities, Comparator.reverseOrder());
      probabilities =
          keep(probabilities, likeliest.subList(0, Math.min(options.topK(), likeliest.size())));
    }
    if (options.topP() < 1) {
      List<Integer> likeliest = sorted(probabilities, Comparator.reverseOrder());
      probabilities = keep(probabilities, mass(probabilities, likeliest, options.topP()));
    }
    double max = probabilities.values().stream().mapToDouble(p -> p).max().orElseThrow();
    Map<Integer, Double> before = probabilities;
    probabilities =
        keep(
            before,
            before.keySet().stream()
                .filter(id -> before.getOrDefault(id, 0.0) >= options.minP() * max)
                .toList());
    if (options.typicalP() < 1) {
      Map<Integer, Double> all = probabilities;
      double entropy = -all.values().stream().mapToDouble(p -> p * Math.log(p)).sum();
      List<Integer> typical =
          all.keySet().stream()
              .sorted(
                  Comparator.comparingDouble(
                      id -> Math.abs(-Math.log(all.getOrDefault(id, 0.0)) - entropy)))
              .toList();
      probabilities = keep(all, mass(all, typical, options.typicalP()));
    }
    return probabilities;
  }

  private static List<Integer> boxed(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  private static boolean repeats(int[] ids, int id, int n) {
    if (n == 0 || ids.length < n) {
      return false;
    }
    List<Integer> with = new ArrayList<>(boxed(ids));
    with.add(id);
    List<Integer> last = with.subList(with.size() - n, with.size());
    for (int from = 0; from + n < with.size(); from++) {
      if (with.subList(from, from + n).equals(last)) {
        return true;
      }
    }
    return false;
  }

  private static Map<Integer, Double> softmax(Map<Integer, Double> scores) {
    double sum = scores.values().stream().mapToDouble(Math::exp).sum();
    TreeMap<Integer, Double> result = new TreeMap<>();
    scores.forEach((id, score) -> result.put(id, Math.exp(score) / sum));
    return result;
  }

  private static List<Integer> sorted(
      Map<Integer, Double> probabilities, Comparator<Double> order) {
    return probabilities.keySet().stream()
        .sorted(Comparator.comparing(probabilities::get, order))
        .toList();
  }

  /** The first ids that have a probability together. */
  private static List<Integer> mass(
      Map<Integer, Double> probabilities, List<Integer> order, double mass) {
    List<Integer> result = new ArrayList<>();
    double sum = 0;
    for (int id : order) {
      if (!result.isEmpty() && sum >= mass) {
        break;
      }
      result.add(id);
      sum += probabilities.getOrDefault(id, 0.0);
    }
    return result;
  }

  private static Map<Integer, Double> keep(Map<Integer, Double> probabilities, List<Integer> ids) {
    double sum = ids.stream().mapToDouble(probabilities::get).sum();
    TreeMap<Integer, Double> result = new TreeMap<>();
    ids.forEach(id -> result.put(id, probabilities.getOrDefault(id, 0.0) / sum));
    return result;
  }
}
