package dev.lanewise.bench.contest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.ContestantProcess.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContestantProcessTest {

  @TempDir Path work;

  @Test
  void classifiesInAnotherProcess() throws IOException {
    Path folder = RandomCheckpoint.classifier(work, GptShape.TINY);
    Entry entry = Entry.here("it", Lanewise.Classify.class, folder, Lanewise.flags());
    int[] ids = {1, 2, 3};
    float[] expected;
    try (Contestant.Classifier here =
        (Contestant.Classifier) new Lanewise.Classify().open(folder, 1)) {
      expected = here.logits(ids);
    }
    try (ContestantProcess process = ContestantProcess.start(entry, 1, work.resolve("logs"))) {
      assertThat(process.open()).isPositive();
      assertThat(process.logits(ids)).isEqualTo(expected);
      assertThat(process.classify(ids, 3)).hasSize(3).allMatch(sample -> sample.nanos() > 0);
      assertThat(process.version()).startsWith("Lanewise ").contains("1 thread");
      // the system keeps the two counters apart: they may differ by some pages either way
      assertThat(process.memory().resident()).isGreaterThan(1 << 20);
      assertThat(process.memory().peak()).isGreaterThan(1 << 20);
      assertThat(process.memory().anonymous()).isBetween(1L << 20, process.memory().peak());
    }
  }

  @Test
  void generatesInAnotherProcess() throws IOException {
    Path folder = RandomCheckpoint.languageModel(work, GptShape.TINY);
    Entry entry = Entry.here("it", Lanewise.Generate.class, folder, Lanewise.flags());
    try (ContestantProcess process = ContestantProcess.start(entry, 2, work.resolve("logs"))) {
      process.open();
      var continuation = process.generate("a", new int[] {64}, 4).continuation();
      assertThat(continuation.ids()).hasSize(4);
      assertThat(continuation.promptTokens()).isEqualTo(1);
      assertThat(continuation.generateRate()).isPositive();
    }
  }

  @Test
  void encodesInAnotherProcess() throws IOException {
    Path folder = RandomCheckpoint.tokenizer(work, GptShape.TINY);
    Entry entry = Entry.here("it", Lanewise.Encode.class, folder, Lanewise.flags());
    try (ContestantProcess process = ContestantProcess.start(entry, 1, work.resolve("logs"))) {
      process.open();
      assertThat(process.ids("Hello world")).containsExactly(15496, 995);
      assertThat(process.encode(List.of("one text", "", "two,\nlines"), 2)).hasSize(2);
    }
  }

  @Test
  void anErrorInTheOtherProcessIsToldHere() throws IOException {
    Entry entry = Entry.here("it", Lanewise.Classify.class, work.resolve("nothing"));
    try (ContestantProcess process = ContestantProcess.start(entry, 1, work.resolve("logs"))) {
      assertThatThrownBy(process::open)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("it: java.nio.file.NoSuchFileException");
    }
  }
}
