package dev.lanewise.bench.model;

import dev.lanewise.Classification;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.kernels.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Holds a model that is about to be measured against the scalar kernels, which give its bits. */
final class SameBits {

  private SameBits() {}

  /** Fails unless both give the same logits for {@code ids}. */
  static void check(TextClassifier classifier, Path folder, int[] ids) throws IOException {
    ModelOptions scalar = ModelOptions.defaults().withThreads(1).withKernels(Kernels.scalar());
    try (TextClassifier reference = TextClassifier.open(folder, scalar)) {
      equal(logits(reference.classify(ids)), logits(classifier.classify(ids)));
    }
  }

  static void equal(List<Float> expected, List<Float> found) {
    if (!expected.equals(found)) {
      throw new AssertionError("the logits are %s, expected %s".formatted(found, expected));
    }
  }

  /** By label. */
  static List<Float> logits(Classification classification) {
    return classification.scores().stream()
        .collect(Collectors.toMap(LabelScore::labelId, LabelScore::logit))
        .entrySet()
        .stream()
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .toList();
  }
}
