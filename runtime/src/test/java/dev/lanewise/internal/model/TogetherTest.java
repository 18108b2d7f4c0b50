package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.ModelOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several texts in one pass, against each alone: the same bits. */
class TogetherTest {

  private static final int[] LENGTHS = {1, 191, 192, 5, 17, 3, 60, 2, 30};
  private static final int STEPS = 3;

  private static int[] ids(int text, int length) {
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = (101 * text + 37 * i + 11) % 4000;
    }
    return ids;
  }

  private static float[] copy(MemorySegment logits, int row, int vocab) {
    float[] values = new float[vocab];
    MemorySegment.copy(logits, OutputHead.FLOAT, (long) row * vocab * 4, values, 0, vocab);
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void givesEachTextItsOwnBits(int threads) throws IOException {
    try (LoadedModel model =
        LoadedModel.open(
            Path.of("..", "models", "tiny-gpt1-lm"),
            ModelOptions.defaults().withThreads(threads),
            threads)) {
      int vocab = model.config().vocabSize();
      List<Sequence> sequences = new ArrayList<>();
      model.call(
          forward -> {
            for (int text = 0; text < LENGTHS.length; text++) {
              Sequence sequence = new Sequence(model.config());
              sequence.reserve(LENGTHS[text] + STEPS);
              forward.resume(sequence);
              forward.runAll(ids(text, LENGTHS[text]), 0, LENGTHS[text], Need.NONE, null);
              sequences.add(sequence);
            }
            for (int step = 0; step < STEPS; step++) {
              int[] next = new int[LENGTHS.length];
              for (int text = 0; text < next.length; text++) {
                int length = LENGTHS[text] + step + 1;
                next[text] = ids(text, length)[length - 1];
              }
              forward.runTogether(sequences, next);
              MemorySegment logits = forward.logits(0, next.length);
              float[][] rows = new float[next.length][];
              for (int text = 0; text < next.length; text++) {
                rows[text] = copy(logits, text, vocab);
              }
              for (int text = 0; text < next.length; text++) {
                int length = LENGTHS[text] + step + 1;
                assertThat(sequences.get(text).position()).isEqualTo(length);
                forward.begin(length, false);
                forward.runAll(ids(text, length), 0, length, Need.LAST, null);
                assertThat(copy(forward.lastLogits(), 0, vocab)).containsExactly(rows[text]);
              }
            }
          });
      sequences.forEach(Sequence::close);
    }
  }
}
