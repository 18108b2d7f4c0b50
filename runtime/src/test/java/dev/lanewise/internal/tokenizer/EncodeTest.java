package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodeTest {

  @Test
  void leavesHolesBetweenIds(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("merges.txt"), "Ġ a\n");
    Files.writeString(folder.resolve("vocab.json"), "{\"Ġ\": 0, \"a\": 2, \"Ġa\": 5}");
    Files.writeString(folder.resolve("added_tokens.json"), "{\"<pad>\": 9}");
    Tokenizer tokenizer = Tokenizer.open(folder);
    assertThat(tokenizer.vocabSize()).isEqualTo(10);
    assertThat(tokenizer.encode("a a<pad>")).containsExactly(2, 5, 9);
    assertThat(tokenizer.decode(new int[] {2, 1, 5, 8}, false)).isEqualTo("a a");
    assertThat(tokenizer.token(3)).isEmpty();
    assertThat(tokenizer.id("")).isEmpty();
  }

  private static Tokenizer gpt2;
  private static Tokenizer gpt1;

  @TempDir Path temp;

  @BeforeAll
  static void open() throws IOException {
    gpt2 = TokenizerFixture.open("tokenizers/gpt2");
    gpt1 = TokenizerFixture.open("tokenizers/gpt1");
  }

  @Test
  void emptyTextHasNoIds() {
    assertThat(gpt2.encode("")).isEmpty();
    assertThat(gpt1.encode("")).isEmpty();
    assertThat(gpt1.encode(" \u200B\n")).isEmpty();
    assertThat(gpt2.decode(new int[0], false)).isEmpty();
    assertThat(gpt1.decode(new int[0], false)).isEmpty();
  }

  @Test
  void anyCharSequenceIsText() {
    assertThat(gpt2.encode(CharBuffer.wrap("Hello world"))).containsExactly(15496, 995);
  }

  @Test
  void unpairedSurrogateIsNamedWithItsIndex() {
    for (Tokenizer tokenizer : List.of(gpt2, gpt1)) {
      assertThatThrownBy(() -> tokenizer.encode("a\uD83Db"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the text has an unpaired surrogate, U+D83D at index 1: it is no Unicode text");
      assertThatThrownBy(() -> tokenizer.encode("é😀x\uDE00"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("U+DE00 at index 4");
      assertThatThrownBy(() -> tokenizer.encode("\uD83D"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("U+D83D at index 0");
      assertThatThrownBy(() -> tokenizer.encodePair("a", "b\uDC00", Specials.TEXT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("U+DC00 at index 1");
    }
  }

  @Test
  void pairNeedsATemplate() throws IOException {
    Tokenizer bare =
        Tokenizer.open(TokenizerFixture.folder(temp, "models/gpt2-lm", "vocab.json", "merges.txt"));
    assertThatThrownBy(() -> bare.encodePair("a", "b", Specials.TEXT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no template for pairs");
  }

  @Test
  void longRunsOfOneLetterAreWholePieces() {
    assertThat(gpt2.encode("a".repeat(100_000))).hasSize(25_000).containsOnly(24794);
    assertThat(gpt2.encode("\n".repeat(100_000))).containsOnly(628);
    assertThat(gpt1.decode(gpt1.encode("a".repeat(100_000)), false)).isEqualTo("a".repeat(100_000));
    assertThat(gpt2.decode(gpt2.encode("中".repeat(50_000)), false)).isEqualTo("中".repeat(50_000));
  }

  /** Each of these took hours if its time grew with the square of its length. */
  @Test
  void longRunsOfAnythingEndSoon() {
    assertThat(gpt1.encode("e" + "\u0301\u0316".repeat(500_000))).isEqualTo(gpt1.encode("e"));
    assertThat(gpt1.encode("a" + " \u3000".repeat(500_000) + "b")).isEqualTo(gpt1.encode("a b"));
    assertThat(gpt2.encode("'".repeat(1_000_000))).hasSizeLessThan(1_000_000);
    assertThat(gpt2.encode("<|endoftext|".repeat(100_000), Specials.PARSE, true))
        .doesNotContain(50256);
    assertThat(gpt1.encode("\u0316\u0301é\u0316\u0301".repeat(100)))
        .isEqualTo(gpt1.encode("e".repeat(100)));
  }

  @Test
  void tooLongTextsAndWordsAreRefused() {
    assertThatThrownBy(() -> gpt2.encode("a".repeat((1 << 22) + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a word of 4194305 bytes");
    assertThatThrownBy(() -> gpt1.encode("a ".repeat((1 << 25) + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("longer than 67108864 bytes");
    assertThatThrownBy(() -> gpt1.encode("中".repeat(1 << 25)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("longer than 67108864 bytes");
  }

  @Test
  void everyIdHasItsPiece() {
    for (Tokenizer tokenizer : List.of(gpt2, gpt1)) {
      for (int id = 0; id < tokenizer.vocabSize(); id++) {
        assertThat(tokenizer.id(tokenizer.token(id))).hasValue(id);
      }
    }
    assertThat(gpt2.token(995)).isEqualTo("Ġworld");
    assertThat(gpt1.token(1276)).isEqualTo("world</w>");
    assertThat(gpt2.id("no such piece")).isEmpty();
    assertThat(gpt1.id("no such piece</w>")).isEmpty();
    assertThat(gpt1.id("")).isEmpty();
  }

  @Test
  void manyThreadsGetTheIdsOfOne() throws Exception {
    List<String> texts = new ArrayList<>();
    Random random = new Random(85);
    for (int i = 0; i < 500; i++) {
      StringBuilder text = new StringBuilder();
      for (int word = 0; word < 20; word++) {
        text.append(gpt2.decode(new int[] {random.nextInt(50000)}, false)).append(' ');
      }
      texts.add(text.toString());
    }
    for (String name : List.of("tokenizers/gpt2", "tokenizers/gpt1")) {
      List<int[]> expected =
          texts.stream().map((name.endsWith("2") ? gpt2 : gpt1)::encode).toList();
      // A fresh one, so that the threads meet on what is found out at first use.
      Tokenizer shared = TokenizerFixture.open(name);
      Callable<Void> all =
          () -> {
            for (int i = 0; i < texts.size(); i++) {
              if (!Arrays.equals(shared.encode(texts.get(i)), expected.get(i))) {
                throw new AssertionError("other ids for " + texts.get(i));
              }
            }
            return null;
          };
      try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
        for (Future<Void> done : threads.invokeAll(Collections.nCopies(8, all))) {
          done.get();
        }
      }
    }
  }
}
