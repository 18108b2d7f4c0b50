package dev.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.Explanation.Word;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordEffectsTest {

  private static TextClassifier classifier;

  @BeforeAll
  static void open() throws IOException {
    classifier = TextClassifier.open(Path.of("..", "models", "intents-gpt1"));
  }

  @AfterAll
  static void close() {
    classifier.close();
  }

  private static Explanation explain(String text, Truncation truncation) {
    return new WordEffects(classifier).explain(text, truncation);
  }

  private static Explanation explain(String text) {
    return explain(text, Truncation.ERROR);
  }

  private static List<String> texts(Explanation explanation) {
    return explanation.words().stream().map(Word::text).toList();
  }

  private static double logOdds(String text, int label) {
    for (LabelScore score : classifier.classify(text).scores()) {
      if (score.labelId() == label) {
        return Math.log(score.probability() / (1 - score.probability()));
      }
    }
    throw new AssertionError("no label " + label);
  }

  @Test
  void takesTheDifferenceOfTheLogOdds() {
    String text = "Move fifty dollars, to my savings!";
    Explanation explanation = explain(text);
    assertThat(explanation.classification()).isEqualTo(classifier.classify(text));
    assertThat(texts(explanation))
        .containsExactly("Move", "fifty", "dollars", "to", "my", "savings");
    int label = explanation.classification().labelId();
    List<String> without =
        List.of(
            "fifty dollars, to my savings!",
            "Move dollars, to my savings!",
            "Move fifty, to my savings!",
            "Move fifty dollars, my savings!",
            "Move fifty dollars, to savings!",
            "Move fifty dollars, to my!");
    for (int i = 0; i < without.size(); i++) {
      Word word = explanation.words().get(i);
      assertThat(text.substring(word.start(), word.end())).isEqualTo(word.text());
      assertThat(word.effect().getAsDouble())
          .isCloseTo(logOdds(text, label) - logOdds(without.get(i), label), within(1e-6));
    }
  }

  @Test
  void hasNoEffectWhereNothingIsLeft() {
    assertThat(explain("hello").words())
        .singleElement()
        .satisfies(word -> assertThat(word.effect()).isEmpty());
    // Punctuation is left, which is something.
    assertThat(explain("hello!").words())
        .singleElement()
        .satisfies(word -> assertThat(word.effect()).isPresent());
  }

  @Test
  void takesATextWithoutWordsApartAtWhiteSpace() {
    Explanation explanation = explain("!! ?");
    assertThat(texts(explanation)).containsExactly("!!", "?");
    assertThat(explanation.words()).allMatch(word -> word.effect().isPresent());
    assertThat(texts(explain("I \ud83d\ude00 don't"))).containsExactly("I", "😀", "don't");
  }

  /** With a tiny model: a long text takes seconds where kernels are cold. */
  @Test
  void explainsWhatWasReadOfALongText(@TempDir Path folder) throws IOException {
    Path models = Path.of("src/test/resources/models");
    for (String file :
        List.of(
            "openai-gpt-clf/config.json",
            "openai-gpt-clf/model.safetensors",
            "openai-gpt-lm/tokenizer.json")) {
      Path from = models.resolve(file);
      Files.copy(from, folder.resolve(from.getFileName()));
    }
    try (TextClassifier small = TextClassifier.open(folder)) {
      WordEffects effects = new WordEffects(small);
      String text = "guitar ".repeat(small.config().nPositions()).strip();
      assertThatThrownBy(() -> effects.explain(text, Truncation.ERROR))
          .isInstanceOf(ContextLengthException.class);
      assertThatThrownBy(() -> effects.explain("", Truncation.ERROR))
          .isInstanceOf(IllegalArgumentException.class);
      for (Truncation truncation : List.of(Truncation.KEEP_START, Truncation.KEEP_END)) {
        Explanation explanation = effects.explain(text, truncation);
        assertThat(explanation.classification()).isEqualTo(small.classify(text, truncation));
        assertThat(explanation.classification().truncated()).isTrue();
        List<Word> words = explanation.words();
        long read = words.stream().filter(word -> word.effect().isPresent()).count();
        assertThat(read).isBetween(1L, words.size() - 1L);
        boolean atStart = truncation == Truncation.KEEP_START;
        assertThat(words.getFirst().effect().isPresent()).isEqualTo(atStart);
        assertThat(words.getLast().effect().isPresent()).isEqualTo(!atStart);
      }
    }
  }
}
