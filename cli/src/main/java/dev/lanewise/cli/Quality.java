package dev.lanewise.cli;

import java.util.Map;
import java.util.OptionalDouble;

/** How good a model is at texts that it is measured with. Compared with its own kind only. */
sealed interface Quality permits LabelQuality, TextQuality {

  /** Mean logarithm of the probability of what is right; higher is better. */
  double logLikelihood();

  /** How much worse this is than before, in the unit of {@code --max-drop}. */
  double drop(Quality before);

  /** "0.53 points of accuracy". */
  String dropped(double amount);

  /** What was measured, by name. */
  Map<String, Double> figures();

  /** Share of texts to which both give the same label, where there are labels. */
  OptionalDouble labelAgreement(Quality before);
}
