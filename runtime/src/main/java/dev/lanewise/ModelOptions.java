package dev.lanewise;

import dev.lanewise.kernels.Kernels;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a model is opened. Immutable.
 *
 * @param kernels the backend, or null for {@link Kernels#get}
 * @param threads one call may use, at least 1; 0 for the default: one thread to classify (services
 *     run many calls), all processors to generate and score
 * @param labels names of the classes in place of the config's; empty to keep them
 * @param preprocessing of GPT-1 texts
 * @param storage where weights are read from
 * @param weights type of the matrices
 * @param calibrated whether a classifier uses the temperature stored beside it ({@link
 *     Calibration})
 */
public record ModelOptions(
    @Nullable Kernels kernels,
    int threads,
    List<String> labels,
    Preprocessing preprocessing,
    WeightStorage storage,
    WeightType weights,
    boolean calibrated) {

  /** Checks the range of threads. */
  public ModelOptions {
    if (threads < 0 || threads > 1024) {
      throw new IllegalArgumentException("threads must be 0 to 1024, found " + threads);
    }
    labels = List.copyOf(labels);
    Objects.requireNonNull(storage);
    Objects.requireNonNull(weights);
  }

  /** The defaults of every option. */
  public static ModelOptions defaults() {
    return new ModelOptions(
        null, 0, List.of(), Preprocessing.AUTO, WeightStorage.PACKED, WeightType.STORED, true);
  }

  /** These options with another backend. */
  public ModelOptions withKernels(Kernels kernels) {
    return new ModelOptions(kernels, threads, labels, preprocessing, storage, weights, calibrated);
  }

  /** These options with another number of threads. */
  public ModelOptions withThreads(int threads) {
    return new ModelOptions(kernels, threads, labels, preprocessing, storage, weights, calibrated);
  }

  /** These options with other names of the classes. */
  public ModelOptions withLabels(List<String> labels) {
    return new ModelOptions(kernels, threads, labels, preprocessing, storage, weights, calibrated);
  }

  /** These options with another pre-processing of GPT-1 texts. */
  public ModelOptions withPreprocessing(Preprocessing preprocessing) {
    return new ModelOptions(kernels, threads, labels, preprocessing, storage, weights, calibrated);
  }

  /** These options with weights kept in another way. */
  public ModelOptions withStorage(WeightStorage storage) {
    return new ModelOptions(kernels, threads, labels, preprocessing, storage, weights, calibrated);
  }

  /** These options with matrices of another type, rounded to it when the model is opened. */
  public ModelOptions withWeights(WeightType weights) {
    return new ModelOptions(kernels, threads, labels, preprocessing, storage, weights, calibrated);
  }

  /** These options with a temperature beside the model used or ignored. */
  public ModelOptions withCalibration(boolean calibrated) {
    return new ModelOptions(kernels, threads, labels, preprocessing, storage, weights, calibrated);
  }
}
