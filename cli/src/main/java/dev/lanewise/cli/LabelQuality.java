package dev.lanewise.cli;

import dev.lanewise.Classification;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.Truncation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a classifier makes of labelled texts.
 *
 * @param labels that it gave, in order
 * @param accuracy share of texts with the right label, 0 to 1
 * @param logLikelihood mean of the logarithm of the right label's probability
 */
record LabelQuality(List<String> labels, double accuracy, double logLikelihood) implements Quality {

  LabelQuality {
    labels = List.copyOf(labels);
  }

  /**
   * Runs a classifier.
   *
   * @throws InputException if a label is none of the model's
   */
  static LabelQuality measure(Path model, ModelOptions options, List<LabelledText> texts)
      throws IOException {
    try (TextClassifier classifier = TextClassifier.open(model, options)) {
      List<String> labels = new ArrayList<>();
      int right = 0;
      double sum = 0;
      for (LabelledText text : texts) {
        Classification result = classifier.classify(text.text(), Truncation.KEEP_START);
        labels.add(result.label());
        if (result.label().equals(text.label())) {
          right++;
        }
        sum += Math.log(Math.max(Double.MIN_NORMAL, probability(result, text)));
      }
      return new LabelQuality(labels, (double) right / texts.size(), sum / texts.size());
    }
  }

  private static double probability(Classification result, LabelledText text)
      throws InputException {
    for (LabelScore score : result.scores()) {
      if (score.label().equals(text.label())) {
        return score.probability();
      }
    }
    throw new InputException(
        text.place(), "the label '" + Console.printable(text.label()) + "' is none of the model's");
  }

  /** Percentage points of accuracy. */
  @Override
  public double drop(Quality before) {
    return 100 * (((LabelQuality) before).accuracy - accuracy);
  }

  @Override
  public String dropped(double amount) {
    return String.format(Locale.ROOT, "%.2f points of accuracy", amount);
  }

  @Override
  public Map<String, Double> figures() {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("accuracy", accuracy);
    figures.put("logLikelihood", logLikelihood);
    return figures;
  }

  /** Share of texts to which both gave the same label. */
  @Override
  public OptionalDouble labelAgreement(Quality before) {
    List<String> others = ((LabelQuality) before).labels;
    int same = 0;
    for (int i = 0; i < labels.size(); i++) {
      if (labels.get(i).equals(others.get(i))) {
        same++;
      }
    }
    return OptionalDouble.of((double) same / labels.size());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "accuracy %.2f %%, log-likelihood %.4f", 100 * accuracy, logLikelihood);
  }
}
