package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Classification;
import dev.lanewise.ClassifierOptions;
import dev.lanewise.ContextLengthException;
import dev.lanewise.LabelScore;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.Truncation;
import dev.lanewise.kernels.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Texts that are longer than the context, which holds 96 tokens here. */
class LongTextsTest {

  private static final Path FOLDER =
      Path.of("src/test/resources/models").resolve("openai-gpt-paper-tasks");
  private static final int LIMIT = 96;
  private static final String LONG = "the children went to the market and bought apples ".repeat(9);
  private static final String SHORT = "a gull sat on the pier";
  private static final ClassifierOptions TOKENS =
      ClassifierOptions.defaults().withTokens("200", "201", "202");

  private static TextClassifier open(ClassifierOptions options) throws IOException {
    return TextClassifier.open(FOLDER, ModelOptions.defaults().withKernels(Kernels.get()), options);
  }

  private static int[] body(TextClassifier classifier, String text) {
    return classifier.tokenizer().encode(text, dev.lanewise.Tokenizer.Specials.TEXT, false);
  }

  private static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  private static int[] one(int id) {
    return new int[] {id};
  }

  private static float[] logits(Classification classification) {
    float[] logits = new float[classification.scores().size()];
    classification.scores().stream()
        .sorted(Comparator.comparingInt(LabelScore::labelId))
        .forEach(score -> logits[score.labelId()] = score.logit());
    return logits;
  }

  @Test
  void cutsTheTextAndNeverTheExtractToken() throws IOException {
    try (TextClassifier classifier = open(TOKENS)) {
      int[] body = body(classifier, LONG);
      assertThatThrownBy(() -> classifier.classify(LONG))
          .isInstanceOf(ContextLengthException.class)
          .hasMessage(
              "the text has %d tokens, the model's context holds 96".formatted(body.length + 2));
      int[] head = join(one(200), Arrays.copyOf(body, LIMIT - 2), one(202));
      int[] tail =
          join(one(200), Arrays.copyOfRange(body, body.length - LIMIT + 2, body.length), one(202));
      Classification start = classifier.classify(LONG, Truncation.KEEP_START);
      assertThat(start.scores()).isEqualTo(classifier.classify(head).scores());
      assertThat(start.truncated()).isTrue();
      assertThat(start.tokens()).isEqualTo(LIMIT);
      assertThat(classifier.classify(LONG, Truncation.KEEP_END).scores())
          .isEqualTo(classifier.classify(tail).scores());
      assertThat(classifier.classify(SHORT, Truncation.KEEP_END).truncated()).isFalse();
    }
  }

  @Test
  void windowsAreAveragedAndCoverTheText() throws IOException {
    try (TextClassifier classifier = open(TOKENS.withWindowStride(40))) {
      int[] body = body(classifier, LONG);
      int room = LIMIT - 2;
      List<float[]> windows = new ArrayList<>();
      for (int from = 0; ; from += 40) {
        int at = Math.min(from, body.length - room);
        int[] ids = join(one(200), Arrays.copyOfRange(body, at, at + room), one(202));
        windows.add(logits(classifier.classify(ids)));
        if (at + room == body.length) {
          break;
        }
      }
      Classification actual = classifier.classify(LONG, Truncation.WINDOWS);
      assertThat(actual.windows()).isEqualTo(windows.size()).isGreaterThan(2);
      assertThat(actual.truncated()).isFalse();
      assertThat(actual.tokens()).isEqualTo(windows.size() * LIMIT);
      float[] logits = logits(actual);
      for (int i = 0; i < logits.length; i++) {
        int label = i;
        double mean = windows.stream().mapToDouble(w -> w[label]).average().orElseThrow();
        assertThat(Math.abs(logits[i] - mean)).isLessThan(1e-5);
      }
      // Label and probability are of that one mean.
      assertThat(actual.scores().getFirst().logit())
          .isEqualTo(Math.max(logits[0], Math.max(logits[1], logits[2])));
      Classification whole = classifier.classify(SHORT, Truncation.WINDOWS);
      assertThat(whole).isEqualTo(classifier.classify(SHORT));
    }
    try (TextClassifier classifier = open(TOKENS)) {
      int[] body = body(classifier, LONG);
      int steps = (int) Math.ceil((body.length - 94) / 70.0);
      assertThat(classifier.classify(LONG, Truncation.WINDOWS).windows()).isEqualTo(1 + steps);
    }
  }

  @Test
  void ofTwoTextsTheLongerIsCut() throws IOException {
    try (TextClassifier classifier = open(TOKENS)) {
      int[] a = body(classifier, LONG);
      int[] b = body(classifier, SHORT);
      int[] kept = Arrays.copyOf(a, LIMIT - 3 - b.length);
      int[] ids = join(one(200), kept, one(201), b, one(202));
      Classification pair = classifier.classify(LONG, SHORT, Truncation.KEEP_START);
      assertThat(pair.scores()).isEqualTo(classifier.classify(ids).scores());
      assertThat(pair.truncated()).isTrue();
      int[] turned = join(one(200), b, one(201), kept, one(202));
      assertThat(classifier.classify(SHORT, LONG, Truncation.KEEP_START).scores())
          .isEqualTo(classifier.classify(turned).scores());
      // Both are long: half for each.
      int[] first = Arrays.copyOfRange(a, a.length - 47, a.length);
      int[] second = Arrays.copyOfRange(a, a.length - 46, a.length);
      int[] both = join(one(200), first, one(201), second, one(202));
      assertThat(both).hasSize(LIMIT);
      assertThat(classifier.classify(LONG, LONG, Truncation.KEEP_END).scores())
          .isEqualTo(classifier.classify(both).scores());
      assertThatThrownBy(() -> classifier.classify(LONG, SHORT, Truncation.ERROR))
          .isInstanceOf(ContextLengthException.class);
    }
  }

  @Test
  void windowsOfAPairKeepTheSecondTextWhole() throws IOException {
    try (TextClassifier classifier = open(TOKENS)) {
      Classification pair = classifier.classify(LONG, SHORT, Truncation.WINDOWS);
      assertThat(pair.windows()).isGreaterThan(2);
      assertThat(pair.tokens()).isEqualTo(pair.windows() * LIMIT);
      assertThatThrownBy(() -> classifier.classify(SHORT, LONG, Truncation.WINDOWS))
          .isInstanceOf(ContextLengthException.class);
    }
  }

  @Test
  void anAnswerIsNeverCut() throws IOException {
    try (TextClassifier classifier = open(TOKENS)) {
      Classification chosen = classifier.choose(LONG, List.of(SHORT, "no"), Truncation.KEEP_END);
      assertThat(chosen.truncated()).isTrue();
      assertThat(chosen.tokens()).isEqualTo(2 * LIMIT);
      assertThatThrownBy(() -> classifier.choose(SHORT, List.of(LONG), Truncation.KEEP_END))
          .isInstanceOf(ContextLengthException.class);
    }
  }
}
