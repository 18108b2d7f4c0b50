package dev.lanewise.cli;

import dev.lanewise.Classification;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.Truncation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a classifier makes of labelled texts.
 *
 * @param labels that it gave, in order
 * @param accuracy share of texts with the right label, 0 to 1
 * @param logLikelihood mean of the logarithm of the right label's probability
 */
record Quality(List<String> labels, double accuracy, double logLikelihood) {

  Quality {
    labels = List.copyOf(labels);
  }

  /**
   * Runs a classifier.
   *
   * @throws InputException if a label is none of the model's
   */
  static Quality measure(Path model, ModelOptions options, List<LabelledText> texts)
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
      return new Quality(labels, (double) right / texts.size(), sum / texts.size());
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

  /** Share of texts to which both gave the same label. */
  double agreement(Quality other) {
    int same = 0;
    for (int i = 0; i < labels.size(); i++) {
      if (labels.get(i).equals(other.labels.get(i))) {
        same++;
      }
    }
    return (double) same / labels.size();
  }
}
