package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lanewise.ModelOptions;
import dev.lanewise.Session;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextGenerator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LifecycleTest {

  private static final Path FOLDER = Path.of("..", "models", "intents-gpt1");

  private static final Path LANGUAGE_MODEL = Path.of("..", "models", "tiny-gpt1-lm");

  private final AtomicInteger freed = new AtomicInteger();
  private final Lifecycle lifecycle = new Lifecycle(freed::incrementAndGet);

  @Test
  void freesAtCloseIfNoCallRuns() {
    lifecycle.enter();
    lifecycle.exit();
    assertThat(freed).hasValue(0);
    lifecycle.close();
    assertThat(freed).hasValue(1);
    lifecycle.close();
    assertThat(freed).hasValue(1);
  }

  @Test
  void leavesTheFreeingToTheLastRunningCall() {
    lifecycle.enter();
    lifecycle.enter();
    lifecycle.close();
    lifecycle.exit();
    assertThat(freed).hasValue(0);
    lifecycle.exit();
    assertThat(freed).hasValue(1);
  }

  @Test
  void letsNoCallInAfterClose() {
    lifecycle.close();
    assertThatIllegalStateException().isThrownBy(lifecycle::enter).withMessageContaining("closed");
    assertThat(lifecycle.isClosed()).isTrue();
  }

  @Test
  void freesAModelThatWasForgotten() throws Exception {
    MemorySegment weights = openAndForget();
    for (int i = 0; weights.scope().isAlive() && i < 200; i++) {
      System.gc();
      Thread.sleep(20); // the cleaner has a thread of its own
    }
    assertThat(weights.scope().isAlive()).isFalse();
  }

  @Test
  void keepsAModelWhoseSessionIsInUse() throws Exception {
    try (Session session = TextGenerator.open(LANGUAGE_MODEL).newSession()) {
      session.append("it was");
      for (int i = 0; i < 20; i++) {
        System.gc();
        Thread.sleep(10);
        assertThat(session.nextLogits()).isNotEmpty();
      }
    }
  }

  @Test
  void freesTheBuffersOfACallThatFailed() throws IOException {
    try (LoadedModel model = LoadedModel.open(FOLDER, ModelOptions.defaults(), 1)) {
      MemorySegment[] buffer = new MemorySegment[1];
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  model.call(
                      forward -> {
                        forward.begin(2, false);
                        forward.runAll(
                            new int[] {1, 2},
                            0,
                            2,
                            Need.ALL,
                            (layer, residual, rows) -> buffer[0] = residual);
                        throw new IllegalStateException("a listener's");
                      }));
      assertThat(buffer[0].scope().isAlive()).isFalse();
    }
  }

  private static MemorySegment openAndForget() throws IOException {
    LoadedModel model = LoadedModel.open(FOLDER, ModelOptions.defaults(), 1);
    model.closeWhenUnreachable(model);
    return model.weights().positions().segment();
  }

  @Test
  void leavesNothingBehindWhenOpenedAndClosedAgainAndAgain() throws IOException {
    int threads = 0;
    for (int i = 0; i < 100; i++) {
      MemorySegment weights;
      try (TextClassifier classifier =
          TextClassifier.open(FOLDER, ModelOptions.defaults().withThreads(2))) {
        classifier.classify("what is my balance");
        weights = openAndClose();
      }
      assertThat(weights.scope().isAlive()).isFalse();
      long workers =
          Thread.getAllStackTraces().keySet().stream()
              .filter(t -> t.getName().startsWith("lanewise-worker"))
              .count();
      threads = Math.max(threads, (int) workers);
    }
    assertThat(threads).isZero();
  }

  private static MemorySegment openAndClose() throws IOException {
    try (LoadedModel model = LoadedModel.open(FOLDER, ModelOptions.defaults(), 2)) {
      return model.weights().positions().segment();
    }
  }
}
