package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Classification;
import dev.lanewise.ContextLengthException;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.Truncation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One classifier used by many threads, and with what it refuses. */
class SharedModelTest {

  private static final Path FOLDER = Path.of("..", "models", "intents-gpt1");
  private TextClassifier classifier;

  @BeforeEach
  void open() throws IOException {
    classifier = TextClassifier.open(FOLDER);
  }

  @AfterEach
  void close() {
    classifier.close();
  }

  private static List<String> texts(int count) {
    String[] words = {
      "please", "move", "fifty", "dollars", "to", "my", "savings", "what", "is", "the", "weather"
    };
    SplittableRandom random = new SplittableRandom(3);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder(words[random.nextInt(words.length)]);
      for (int more = random.nextInt(12); more > 0; more--) {
        text.append(' ').append(words[random.nextInt(words.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }

  @Test
  void givesEveryThreadTheAnswersOfASingleOne() throws Exception {
    List<String> texts = texts(100);
    List<Classification> alone = texts.stream().map(classifier::classify).toList();
    try (ExecutorService platform = Executors.newFixedThreadPool(16);
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      for (ExecutorService executor : List.of(platform, virtual)) {
        List<Callable<List<Classification>>> calls =
            Collections.nCopies(16, () -> texts.stream().map(classifier::classify).toList());
        for (Future<List<Classification>> future : executor.invokeAll(calls)) {
          assertThat(future.get()).isEqualTo(alone);
        }
      }
    }
  }

  @Test
  void givesTheSameBitsOnTwoThreads() throws IOException {
    try (TextClassifier two = TextClassifier.open(FOLDER, ModelOptions.defaults().withThreads(2))) {
      assertThat(two.backend().threads()).isEqualTo(2);
      for (String text : texts(30)) {
        assertThat(two.classify(text)).isEqualTo(classifier.classify(text));
      }
    }
  }

  @Test
  void refusesCallsAfterClose() {
    classifier.close();
    classifier.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> classifier.classify("hello"))
        .withMessageContaining("closed");
  }

  @Test
  void letsRunningCallsEndWhenItIsClosed() throws Exception {
    Classification alone = classifier.classify("what is my balance");
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> futures =
          IntStream.range(0, 4)
              .mapToObj(
                  thread ->
                      executor.submit(
                          () -> {
                            for (int calls = 0; ; calls++) {
                              try {
                                assertThat(classifier.classify("what is my balance"))
                                    .isEqualTo(alone);
                              } catch (IllegalStateException closed) {
                                return calls;
                              }
                              if (calls == 20) {
                                classifier.close();
                              }
                            }
                          }))
              .toList();
      for (Future<Integer> future : futures) {
        assertThat(future.get()).isNotNegative();
      }
    }
  }

  @Test
  void refusesEmptyTextsAndTextsOfWhiteSpaceAlone() {
    assertThatThrownBy(() -> classifier.classify(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the text is empty");
    assertThatThrownBy(() -> classifier.classify(" \t\n "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no tokens");
  }

  @Test
  void refusesIdsThatAreOutOfRange() {
    for (int bad : new int[] {-1, 8003, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> classifier.classify(new int[] {8000, bad, 8001}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("id " + bad + " at place 1 is out of range");
    }
    assertThatThrownBy(() -> classifier.classify(new int[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysBothLengthsWhenATextIsTooLong() {
    String text = "dollars ".repeat(300);
    assertThatThrownBy(() -> classifier.classify(text))
        .isInstanceOfSatisfying(
            ContextLengthException.class,
            e -> {
              assertThat(e.limit()).isEqualTo(256);
              assertThat(e.tokens()).isGreaterThan(256);
              assertThat(e)
                  .hasMessageContaining(e.tokens() + " tokens")
                  .hasMessageContaining("256");
            });
  }

  @Test
  void cutsTheTextAndNeverTheTemplate() {
    String start = "what is my account balance ";
    String end = " please book a flight to paris";
    String text = start + "and ".repeat(300) + end;
    Classification keptStart = classifier.classify(text, Truncation.KEEP_START);
    Classification keptEnd = classifier.classify(text, Truncation.KEEP_END);
    assertThat(keptStart.tokens()).isEqualTo(256);
    assertThat(keptStart.truncated()).isTrue();
    assertThat(keptEnd.truncated()).isTrue();
    int[] ids = classifier.tokenizer().encode(text);
    int[] first = new int[256];
    System.arraycopy(ids, 0, first, 0, 255);
    first[255] = 8001;
    int[] last = new int[256];
    System.arraycopy(ids, ids.length - 255, last, 1, 255);
    last[0] = 8000;
    assertThat(keptStart.scores()).isEqualTo(classifier.classify(first).scores());
    assertThat(keptEnd.scores()).isEqualTo(classifier.classify(last).scores());
    assertThat(classifier.classify("my balance", Truncation.KEEP_END).truncated()).isFalse();
  }

  @Test
  void refusesUnpairedSurrogates() {
    assertThatThrownBy(() -> classifier.classify("a \ud800 b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
  }
}
