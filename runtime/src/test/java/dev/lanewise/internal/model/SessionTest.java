package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.ContextLengthException;
import dev.lanewise.FinishReason;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.Session;
import dev.lanewise.TextGenerator;
import dev.lanewise.TextScorer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Texts that are kept, against the same texts computed whole. */
class SessionTest {

  private static final Path MODEL = Path.of("..", "models", "tiny-gpt1-lm");
  private static final GenerationOptions SAMPLING =
      GenerationOptions.sampling().withTopK(50).withSeed(7).withMaxTokens(12);

  private static TextGenerator generator;

  @BeforeAll
  static void open() throws IOException {
    generator = TextGenerator.open(MODEL, ModelOptions.defaults().withThreads(1));
  }

  @AfterAll
  static void close() {
    generator.close();
  }

  private static int[] ids(int from, int count) {
    return IntStream.range(from, from + count).map(i -> (37 * i + 11) % 4000).toArray();
  }

  private static Generation whole(int[] ids, GenerationOptions options) {
    return generator.generate(ids, options, piece -> true);
  }

  private static int[] concat(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  @Test
  void givesTheSameTokensInAnyNumberOfParts() {
    int[] ids = ids(0, 40);
    Generation expected = whole(ids, SAMPLING);
    for (int part : new int[] {1, 3, 40}) {
      try (Session session = generator.newSession()) {
        for (int at = 0; at < ids.length; at += part) {
          session.append(Arrays.copyOfRange(ids, at, Math.min(ids.length, at + part)));
          if (part == 3) {
            session.nextLogits(); // reads what is there
          }
        }
        assertThat(session.generate(SAMPLING).tokens()).isEqualTo(expected.tokens());
        assertThat(session.length()).isEqualTo(ids.length + expected.tokens().size());
      }
    }
  }

  @Test
  void goesOnBehindWhatItGenerated() {
    int[] ids = ids(3, 9);
    Generation both = whole(ids, GenerationOptions.greedy().withMaxTokens(20));
    try (Session session = generator.newSession()) {
      session.append(ids);
      List<Integer> tokens = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        tokens.addAll(session.generate(GenerationOptions.greedy().withMaxTokens(5)).tokens());
      }
      assertThat(tokens).isEqualTo(both.tokens());
      assertThat(session.tokens()).endsWith(tokens.toArray(Integer[]::new));
    }
  }

  @Test
  void forksGoTheirOwnWays() {
    int[] prefix = ids(0, 200); // more than a block of keys and values
    try (Session session = generator.newSession()) {
      session.append(prefix);
      session.nextLogits();
      List<Session> forks = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        forks.add(session.fork());
        forks.get(i).append(ids(1000 * (i + 1), 2 + i));
      }
      for (int round = 0; round < 2; round++) { // in turns, so that shared memory would show
        for (int i = 0; i < 3; i++) {
          forks.get(i).generate(GenerationOptions.greedy().withMaxTokens(3));
        }
      }
      for (int i = 0; i < 3; i++) {
        int[] prompt = concat(prefix, ids(1000 * (i + 1), 2 + i));
        List<Integer> expected =
            whole(prompt, GenerationOptions.greedy().withMaxTokens(6)).tokens();
        assertThat(forks.get(i).tokens().subList(prompt.length, prompt.length + 6))
            .isEqualTo(expected);
        forks.get(i).close();
      }
      assertThat(session.generate(SAMPLING).tokens()).isEqualTo(whole(prefix, SAMPLING).tokens());
    }
  }

  @Test
  void forgetsWhatIsTakenBack() {
    int[] ids = ids(5, 30);
    try (Session session = generator.newSession()) {
      session.append(ids);
      session.generate(SAMPLING);
      session.rewind(12);
      assertThat(session.tokens()).hasSize(12);
      session.append(ids(900, 4));
      int[] now = concat(Arrays.copyOf(ids, 12), ids(900, 4));
      assertThat(session.generate(SAMPLING).tokens()).isEqualTo(whole(now, SAMPLING).tokens());
      session.rewind(0);
      session.append("it was");
      assertThat(session.generate(SAMPLING).text())
          .isEqualTo(generator.generate("it was", SAMPLING).text());
      assertThatThrownBy(() -> session.rewind(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> session.rewind(1000)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void tellsTheLogitsOfTheNextToken() throws IOException {
    int[] ids = ids(2, 6);
    float[][] last = new float[1][];
    try (TextScorer scorer = TextScorer.open(MODEL)) {
      scorer.logits(ids, (position, row) -> last[0] = row.clone());
    }
    try (Session session = generator.newSession()) {
      session.append(ids);
      assertThat(session.nextLogits()).containsExactly(last[0]);
      assertThat(session.nextLogits()).containsExactly(last[0]);
    }
  }

  @Test
  void endsWhereTheContextEnds() {
    int context = generator.config().nPositions();
    try (Session session = generator.newSession()) {
      session.append(ids(0, context - 2));
      Generation generation =
          session.generate(SAMPLING.withMaxTokens(Integer.MAX_VALUE).withTemperature(3));
      assertThat(generation.finishReason()).isEqualTo(FinishReason.CONTEXT);
      assertThat(generation.tokens()).hasSize(3);
      assertThat(session.length()).isEqualTo(context + 1);
      assertThatThrownBy(() -> session.generate(SAMPLING))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("full");
      assertThatThrownBy(() -> session.append(new int[] {1}))
          .isInstanceOf(ContextLengthException.class);
      session.rewind(context);
      assertThat(session.generate(SAMPLING).tokens()).hasSize(1);
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    Session session = generator.newSession();
    assertThatThrownBy(() -> session.generate(SAMPLING))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no text");
    assertThatThrownBy(() -> session.append(new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class);
    session.append("");
    assertThat(session.length()).isZero();
    session.close();
    session.close();
    assertThatThrownBy(() -> session.append("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(session::nextLogits).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(session::fork).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void isAsItWasAfterAListenerFailed() {
    int[] ids = ids(4, 20);
    try (Session session = generator.newSession()) {
      session.append(ids);
      int[] calls = new int[1];
      assertThatThrownBy(
              () ->
                  session.generate(
                      SAMPLING,
                      piece -> {
                        if (++calls[0] == 3) {
                          throw new UncheckedIOException(new IOException("the pipe is closed"));
                        }
                        return true;
                      }))
          .isInstanceOf(UncheckedIOException.class);
      assertThat(session.length()).isEqualTo(ids.length);
      session.append(ids(700, 5)); // other tokens where the failed call had some
      int[] now = concat(ids, ids(700, 5));
      assertThat(session.generate(SAMPLING).tokens()).isEqualTo(whole(now, SAMPLING).tokens());
    }
  }

  @Test
  void isNotToBeUsedByItsListener() {
    try (Session session = generator.newSession()) {
      session.append(ids(4, 20));
      for (Runnable use :
          List.<Runnable>of(
              () -> session.append("more"),
              () -> session.rewind(3),
              session::nextLogits,
              session::close)) {
        assertThatThrownBy(
                () ->
                    session.generate(
                        SAMPLING,
                        piece -> {
                          use.run();
                          return true;
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("generating");
      }
      assertThat(session.generate(SAMPLING).tokens())
          .isEqualTo(whole(ids(4, 20), SAMPLING).tokens());
    }
  }

  @Test
  void endsWithItsGenerator() throws IOException {
    TextGenerator other = TextGenerator.open(MODEL, ModelOptions.defaults().withThreads(1));
    Session session = other.newSession();
    session.append("it was");
    other.close();
    assertThatThrownBy(session::nextLogits).isInstanceOf(IllegalStateException.class);
    session.close();
    assertThatThrownBy(other::newSession).isInstanceOf(IllegalStateException.class);
  }
}
