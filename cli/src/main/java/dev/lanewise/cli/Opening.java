package dev.lanewise.cli;

import dev.lanewise.ModelOptions;
import dev.lanewise.kernels.KernelMode;
import dev.lanewise.kernels.Kernels;
import java.io.IOException;
import java.nio.file.Path;

/** Opens a model with the options that commands share, and says so if it takes long. */
final class Opening {

  private Opening() {}

  /** One of the runtime's {@code open} methods. */
  @FunctionalInterface
  interface Opener<T> {
    /** Opens it. */
    T open(ModelOptions options) throws IOException;
  }

  static <T> T open(
      Console console, CommonOptions common, ModelOption model, Path path, Opener<T> opener)
      throws IOException {
    return open(console, common, path, options(common, model), opener);
  }

  static <T> T open(
      Console console, CommonOptions common, Path path, ModelOptions options, Opener<T> opener)
      throws IOException {
    return StatusLine.during(console, common.quiet, "loading " + path, () -> opener.open(options));
  }

  /** The options that commands share. */
  static ModelOptions options(CommonOptions common, ModelOption model) {
    ModelOptions options =
        ModelOptions.defaults()
            .withThreads(common.threads == null ? 0 : common.threads)
            .withPreprocessing(model.preprocessing())
            .withStorage(common.storage())
            .withWeights(common.type);
    return common.kernels == KernelMode.AUTO
        ? options
        : options.withKernels(Kernels.select(common.kernels));
  }
}
