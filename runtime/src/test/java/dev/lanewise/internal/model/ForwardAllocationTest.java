package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lanewise.ModelOptions;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.Pooling;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Boxed vectors and forgotten temporaries show as bytes allocated by a forward pass. */
class ForwardAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void allocatesNothingAfterWarmUp() throws IOException {
    try (LoadedModel model =
        LoadedModel.open(
            Path.of("..", "models", "intents-gpt1"),
            ModelOptions.defaults().withKernels(Kernels.get()),
            1)) {
      int[] ids = new int[23];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = 17 * i;
      }
      float[] logits = new float[151];
      GptWeights.Head head = Objects.requireNonNull(model.weights().classifier());
      model.call(
          forward -> {
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 600 && least > 0; i++) {
              long before = THREADS.getCurrentThreadAllocatedBytes();
              forward.beginPooling(Pooling.LAST);
              forward.pool(ids, ids.length, Pooling.LAST);
              forward.scores(head, logits);
              least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).isZero();
          });
    }
  }
}
