package dev.lanewise.internal.model;

import dev.lanewise.internal.model.GptWeights.Head;
import dev.lanewise.loader.ClassifierConfig;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs inputs through a model and a head on top. Thread-safe. */
public final class HeadRuns {

  private final LoadedModel model;
  private final ClassificationHead head;
  private final Pooling pooling;

  /** Of the model's head. */
  public HeadRuns(LoadedModel model, ClassificationHead head) throws IOException {
    this.model = model;
    this.head = head;
    this.pooling = ClassifierConfig.of(model.config()).pooling();
  }

  /**
   * Outputs for one input, or the means of those for several windows.
   *
   * @param alone whether other threads are busy with other inputs
   */
  public float[] logits(List<TextInput> windows, boolean alone) {
    float[] mean = new float[0];
    for (TextInput window : windows) {
      float[] logits = run(model.weights().classifier(), List.of(window), pooling, alone);
      if (mean.length == 0) {
        mean = logits;
      } else {
        for (int i = 0; i < mean.length; i++) {
          mean[i] += logits[i];
        }
      }
    }
    for (int i = 0; i < mean.length && windows.size() > 1; i++) {
      mean[i] /= windows.size();
    }
    return mean;
  }

  /** Outputs for the sum of the inputs' states. */
  public float[] logitsOfSum(List<TextInput> inputs, boolean alone) {
    return run(model.weights().classifier(), inputs, pooling, alone);
  }

  /** The score of an answer: of the head for that, else the first output of the classifier. */
  public float choice(TextInput input) {
    Head choice = model.weights().choice();
    return choice == null
        ? logits(List.of(input), false)[0]
        : run(choice, List.of(input), Pooling.LAST, false)[0];
  }

  private float[] run(@Nullable Head on, List<TextInput> inputs, Pooling pooling, boolean alone) {
    Head head = Objects.requireNonNull(on);
    float[] logits = new float[head.weight().out()];
    model.call(
        alone,
        forward -> {
          forward.beginPooling(pooling);
          for (TextInput input : inputs) {
            forward.pool(input.ids(), this.head.pooledLength(input.ids()), pooling);
          }
          forward.scores(head, logits);
        });
    return logits;
  }

  /**
   * Fails unless the model has a classification head.
   *
   * @throws IllegalStateException if it only scores answers
   */
  public void requireClassifier() {
    if (model.weights().classifier() == null) {
      throw new IllegalStateException(
          model.folder() + ": the model's head scores answers; it has no labels");
    }
  }
}
