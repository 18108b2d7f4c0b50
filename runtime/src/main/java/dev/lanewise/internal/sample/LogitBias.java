package dev.lanewise.internal.sample;

import java.util.Map;
import java.util.TreeMap;

/** Adds a number to the scores of some ids (OpenAI's {@code logit_bias}). */
final class LogitBias implements LogitStep {

  private final int[] ids;
  private final double[] biases;

  LogitBias(Map<Integer, Double> biases) {
    TreeMap<Integer, Double> sorted = new TreeMap<>(biases);
    this.ids = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
    this.biases = sorted.values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  @Override
  public void apply(double[] scores, int[] sequence, int length) {
    for (int i = 0; i < ids.length; i++) {
      scores[ids[i]] += biases[i];
    }
  }
}
