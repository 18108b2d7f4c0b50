package dev.lanewise.cli;

import dev.lanewise.Calibration;
import dev.lanewise.Classification;
import dev.lanewise.ClassificationReport;
import dev.lanewise.LabelScore;
import dev.lanewise.Score;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextScorer;
import dev.lanewise.Truncation;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.ModelConfig.ProblemType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a classifier makes of labelled texts, in their order.
 *
 * @param answers one for each text
 * @param languageModel mean over the texts of the mean log-probability of a token, or empty
 */
record Evaluation(List<Answer> answers, OptionalDouble languageModel) {

  /**
   * To one text.
   *
   * @param expected id of the right label
   * @param tokenLogProb mean log-probability of its tokens; null if it was not asked for, or no
   *     token has one before it
   */
  record Answer(Classification classification, int expected, @Nullable Double tokenLogProb) {

    /** Logarithm of the right label's probability. */
    double logLikelihood() {
      for (LabelScore score : classification.scores()) {
        if (score.labelId() == expected) {
          return score.logProbability();
        }
      }
      throw new IllegalStateException("no label has id " + expected);
    }
  }

  Evaluation {
    answers = List.copyOf(answers);
  }

  /**
   * Classifies texts on several threads.
   *
   * @param languageModel scores their tokens, too, unless it is null
   * @throws InputException if a label is none of the model's, a text cannot be read, or all texts
   *     have the same label
   * @throws IncompatibleCheckpointException if the model gives no text one right label
   */
  static Evaluation of(
      TextClassifier classifier,
      List<LabelledText> texts,
      Truncation truncation,
      int threads,
      @Nullable TextScorer languageModel,
      AtomicInteger done)
      throws IOException {
    if (classifier.problemType() != ProblemType.SINGLE_LABEL_CLASSIFICATION) {
      throw new IncompatibleCheckpointException(
          "the model's problem_type is %s; only a head with one right label can be evaluated"
              .formatted(classifier.problemType()));
    }
    int[] expected = ids(classifier.labels(), texts);
    List<Answer> answers = new ArrayList<>();
    try (OrderedWork<Integer, Answer> work =
        new OrderedWork<>(
            threads,
            i -> answer(classifier, texts.get(i), expected[i], truncation, languageModel),
            answer -> {
              answers.add(answer);
              done.incrementAndGet();
            })) {
      for (int i = 0; i < expected.length; i++) {
        work.add(i);
      }
      work.finish();
    }
    return new Evaluation(answers, meanTokenLogProb(answers));
  }

  private static int[] ids(List<String> labels, List<LabelledText> texts) throws InputException {
    Map<String, Integer> byName = new HashMap<>();
    for (int id = 0; id < labels.size(); id++) {
      byName.putIfAbsent(labels.get(id), id);
    }
    int[] ids = new int[texts.size()];
    boolean several = false;
    for (int i = 0; i < ids.length; i++) {
      LabelledText text = texts.get(i);
      Integer id = byName.get(text.label());
      if (id == null) {
        throw new InputException(
            text.place(),
            "the label '" + Console.printable(text.label()) + "' is none of the model's");
      }
      ids[i] = id;
      several |= id != ids[0];
    }
    if (!several) {
      throw new InputException(
          texts.getFirst().place(),
          "all %d texts have the label '%s', at least two labels are needed"
              .formatted(ids.length, Console.printable(texts.getFirst().label())));
    }
    return ids;
  }

  private static Answer answer(
      TextClassifier classifier,
      LabelledText text,
      int expected,
      Truncation truncation,
      @Nullable TextScorer languageModel)
      throws InputException {
    try {
      Classification classification = classifier.classify(text.text(), truncation);
      Double tokenLogProb = null;
      if (languageModel != null) {
        Score score = languageModel.score(classifier.encode(text.text(), truncation));
        tokenLogProb = score.scored() == 0 ? null : score.logProb() / score.scored();
      }
      return new Answer(classification, expected, tokenLogProb);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new InputException(text.place(), String.valueOf(e.getMessage()), e);
    }
  }

  private static OptionalDouble meanTokenLogProb(List<Answer> answers) {
    double sum = 0;
    int scored = 0;
    for (Answer answer : answers) {
      if (answer.tokenLogProb() != null) {
        sum += answer.tokenLogProb();
        scored++;
      }
    }
    return scored == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / scored);
  }

  /** Mean logarithm of the right label's probability. */
  double labelLogLikelihood() {
    double sum = 0;
    for (Answer answer : answers) {
      sum += answer.logLikelihood();
    }
    return sum / answers.size();
  }

  /** Agreement of the labels, with the model's own probabilities or those of a temperature. */
  ClassificationReport report(List<String> labels, OptionalDouble temperature) {
    return ClassificationReport.of(
        labels,
        expected(),
        answers.stream().mapToInt(a -> a.classification().labelId()).toArray(),
        answers.stream()
            .map(Answer::classification)
            .mapToDouble(
                c ->
                    temperature.isPresent()
                        ? Calibration.probability(c, temperature.getAsDouble())
                        : c.probability())
            .toArray());
  }

  /** A temperature for the model. */
  Calibration calibration() {
    return Calibration.fit(answers.stream().map(Answer::classification).toList(), expected());
  }

  private int[] expected() {
    return answers.stream().mapToInt(Answer::expected).toArray();
  }
}
