package dev.lanewise;

import dev.lanewise.Explanation.Word;
import dev.lanewise.loader.ModelConfig.ProblemType;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Explains a classification by leaving words out, one at a time (leave-one-out occlusion: Li et al.
 * 2016, "Understanding Neural Networks through Representation Erasure").
 *
 * <p>The measure is the log-odds of the best label y of the whole text, ln(p / (1 - p)) = z[y] - ln
 * sum over the others of exp(z), from the logits z, so that no temperature plays a part; where the
 * head has no softmax it is z[y] itself. A word's effect is the measure with it less the measure
 * without it. Effects need not add up, and of two words that say the same neither may seem to
 * matter.
 *
 * <p>Words are those of Unicode's rules that have a letter, a digit or a symbol such as an emoji;
 * punctuation stays where it is. A text without any is taken apart at white space instead. Of a
 * text that is cut, the effects are those in the text of the whole words that the model reads, so
 * that no words move up into the place of one that is left out.
 *
 * <p>Costs one classification for each word, and one. Thread-safe.
 */
public final class WordEffects {

  private final TextClassifier classifier;

  /** Explains answers of {@code classifier}, which must stay open. */
  public WordEffects(TextClassifier classifier) {
    this.classifier = classifier;
  }

  /**
   * Classifies a text and explains the best label.
   *
   * @throws IllegalArgumentException as {@link TextClassifier#classify(CharSequence, Truncation)}
   * @throws IllegalStateException as {@link TextClassifier#classify(CharSequence, Truncation)}
   */
  public Explanation explain(CharSequence text, Truncation truncation) {
    String whole = text.toString();
    Classification answer = classifier.classify(whole, truncation);
    List<Word> words = words(whole);
    int from = 0;
    int to = words.size();
    if (answer.truncated() && truncation == Truncation.KEEP_START) {
      to = wordsThatFit(whole, words, true);
    } else if (answer.truncated() && truncation == Truncation.KEEP_END) {
      from = to - wordsThatFit(whole, words, false);
    }
    boolean cut = from > 0 || to < words.size();
    if (from == to) {
      return new Explanation(answer, words); // not one whole word was read
    }
    int start = cut && from > 0 ? words.get(from).start() : 0;
    int end = cut && to < words.size() ? words.get(to - 1).end() : whole.length();
    String read = whole.substring(start, end);
    int label = answer.labelId();
    double with = logOdds(cut ? classifier.classify(read, truncation) : answer, label);
    List<Word> explained = new ArrayList<>(words);
    for (int i = from; i < to; i++) {
      Word word = words.get(i);
      String rest = without(read, word.start() - start, word.end() - start);
      if (classifier.tokenizer().encode(rest, Tokenizer.Specials.TEXT, false).length > 0) {
        double effect = with - logOdds(classifier.classify(rest, truncation), label);
        explained.set(
            i, new Word(word.text(), word.start(), word.end(), OptionalDouble.of(effect)));
      }
    }
    return new Explanation(answer, explained);
  }

  /** How many words of the text's start, or end, the context holds. */
  private int wordsThatFit(String text, List<Word> words, boolean atStart) {
    int fit = 0;
    int tooMany = words.size() + 1;
    while (tooMany - fit > 1) {
      int n = (fit + tooMany) >>> 1;
      String part =
          atStart
              ? text.substring(0, words.get(n - 1).end())
              : text.substring(words.get(words.size() - n).start());
      int tokens = classifier.encode(part).length;
      if (tokens <= classifier.config().nPositions()) {
        fit = n;
      } else {
        tooMany = n;
      }
    }
    return fit;
  }

  private double logOdds(Classification answer, int label) {
    float chosen = Float.NaN;
    float highest = Float.NEGATIVE_INFINITY; // of the others
    for (LabelScore score : answer.scores()) {
      if (score.labelId() == label) {
        chosen = score.logit();
      } else {
        highest = Math.max(highest, score.logit());
      }
    }
    boolean softmax =
        classifier.problemType() == ProblemType.SINGLE_LABEL_CLASSIFICATION
            && answer.scores().size() > 1;
    if (!softmax) {
      return chosen;
    }
    double sum = 0;
    for (LabelScore score : answer.scores()) {
      if (score.labelId() != label) {
        sum += StrictMath.exp((double) score.logit() - highest);
      }
    }
    return chosen - (highest + StrictMath.log(sum));
  }

  /** The text without a word and the white space before it, or behind it if it comes first. */
  private static String without(String text, int start, int end) {
    int from = start;
    while (from > 0 && Character.isWhitespace(text.charAt(from - 1))) {
      from--;
    }
    int to = end;
    while (from == 0 && to < text.length() && Character.isWhitespace(text.charAt(to))) {
      to++;
    }
    return text.substring(0, from) + text.substring(to);
  }

  private static List<Word> words(String text) {
    List<Word> words = new ArrayList<>();
    BreakIterator breaks = BreakIterator.getWordInstance(Locale.ROOT);
    breaks.setText(text);
    int start = breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
      if (text.substring(start, end).codePoints().anyMatch(WordEffects::means)) {
        words.add(word(text, start, end));
      }
      start = end;
    }
    return words.isEmpty() ? pieces(text) : words;
  }

  private static boolean means(int codePoint) {
    return Character.isLetterOrDigit(codePoint)
        || Character.getType(codePoint) == Character.OTHER_SYMBOL;
  }

  /** What white space separates. */
  private static List<Word> pieces(String text) {
    List<Word> pieces = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || Character.isWhitespace(text.charAt(i))) {
        if (i > start) {
          pieces.add(word(text, start, i));
        }
        start = i + 1;
      }
    }
    return pieces;
  }

  private static Word word(String text, int start, int end) {
    return new Word(text.substring(start, end), start, end, OptionalDouble.empty());
  }
}
