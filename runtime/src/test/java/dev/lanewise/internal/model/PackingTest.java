package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Classification;
import dev.lanewise.TextClassifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PackingTest {

  private static final Path CLASSIFIER = Path.of("..", "models", "intents-gpt1");

  /** Calls go on while another thread packs: none may read memory that was let go. */
  @Test
  void packsUnderRunningCalls() throws Exception {
    String text = "what is my account balance";
    try (TextClassifier classifier = TextClassifier.open(CLASSIFIER);
        ExecutorService callers = Executors.newFixedThreadPool(4)) {
      Classification expected = classifier.classify(text);
      List<Future<Classification>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(callers.submit(() -> classifier.classify(text)));
      }
      classifier.warmUp();
      for (Future<Classification> answer : answers) {
        assertThat(answer.get()).isEqualTo(expected);
      }
    }
  }
}
