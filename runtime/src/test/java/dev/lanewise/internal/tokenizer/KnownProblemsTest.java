package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Tokenizer;
import dev.lanewise.Tokenizer.Specials;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What went wrong in other programs, by the numbers of the project's list of known problems. Ids
 * are those of the reference library. C14 is {@link VariantsTest}'s.
 */
class KnownProblemsTest {

  private static final String NBSP = "\u00A0";
  private static Tokenizer gpt2;
  private static Tokenizer gpt1;

  @TempDir Path temp;

  @BeforeAll
  static void open() throws IOException {
    gpt2 = TokenizerFixture.open("tokenizers/gpt2");
    gpt1 = TokenizerFixture.open("tokenizers/gpt1");
  }

  private static void assertIds(String text, int... ids) {
    assertThat(gpt2.encode(text)).as(text).isEqualTo(ids);
    TokenizerFixture.assertDecodes(gpt2, ids, text);
  }

  @Test
  void c01LeadingSpaceIsNeitherAddedNorLost() {
    assertIds("my", 1820);
    assertIds(" my", 616);
    assertIds("can", 5171);
    assertIds(" can", 460);
  }

  @Test
  void c02SpaceBeforePunctuationStaysUnlessAskedFor() {
    assertIds("y is ?", 88, 318, 5633);
    assertThat(Tokenizer.cleanUpSpaces("y is ? it 's i 'm do n't , no . ' no ! we 've you 're"))
        .isEqualTo("y is? it's i'm don't, no.'no! we've you're");
  }

  @Test
  void c03EmojiSurvive() {
    assertIds("hello 👋 world 🌍", 31373, 50169, 233, 995, 12520, 234, 235);
  }

  @Test
  void c04CharactersOfManyBytesAreBytes() {
    assertIds("你", 19526, 254);
    assertIds("groups and—following", 24432, 290, 960, 27780, 278);
  }

  @Test
  void c06WhiteSpaceIsThatOfUnicode() {
    assertIds("x" + NBSP + NBSP + "y", 87, 1849, 1849, 88);
    assertIds("a" + NBSP + "!b", 64, 1849, 0, 65);
    assertIds("a\u0085!b", 64, 126, 227, 0, 65);
    assertIds("a\u2003!", 64, 447, 225, 0);
    assertIds("\u3000\u3000你好", 5099, 222, 5099, 222, 19526, 254, 25001, 121);
    assertIds("a\u200B b", 64, 9525, 275);
    assertIds("a\u001Cb", 64, 216, 65);
  }

  @Test
  void c07LineEndsAndHeaderOfTheMergesDontMatter() throws IOException {
    String merges = Files.readString(TokenizerFixture.path("tokenizers/gpt2/merges.txt"));
    assertThat(merges).startsWith("#version");
    String bare = merges.substring(merges.indexOf('\n') + 1);
    for (String form : List.of(merges.replace("\n", "\r\n"), bare, bare.stripTrailing())) {
      Path folder = Files.createTempDirectory(temp, "form");
      TokenizerFixture.folder(folder, "tokenizers/gpt2", "vocab.json=encoder.json");
      Files.writeString(folder.resolve("vocab.bpe"), form);
      Tokenizer tokenizer = Tokenizer.open(folder);
      String text = "groups and—following, 你 it's\n\n  123";
      assertThat(tokenizer.encode(text)).isEqualTo(gpt2.encode(text));
      assertThat(tokenizer.encode("hello world")).hasSize(2);
    }
  }

  @Test
  void c07CharsetOfThePlatformDoesntMatter() throws Exception {
    TokenizerFixture.folder(
        temp, "tokenizers/gpt2", "vocab.json=encoder.json", "merges.txt=vocab.bpe");
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Dfile.encoding=COMPAT",
            "-cp",
            System.getProperty("java.class.path"),
            PrintIds.class.getName(),
            temp.toString());
    builder.environment().put("LC_ALL", "C");
    Process process = builder.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(out).contains("[19526, 254, 290, 960, 27780]").doesNotContain("charset UTF-8");
  }

  /** Runs in a JVM with another default charset. */
  static final class PrintIds {
    private PrintIds() {}

    public static void main(String[] args) throws IOException {
      int[] ids = Tokenizer.open(Path.of(args[0])).encode("\u4F60 and\u2014follow");
      System.out.println(Arrays.toString(ids));
      System.out.println("charset " + Charset.defaultCharset());
    }
  }

  @Test
  void c08SpelledControlTokensAreTextUnlessAskedFor() {
    int[] asText = {27, 91, 437, 1659, 5239, 91, 29};
    assertIds("<|endoftext|>", asText);
    assertThat(gpt2.encode("<|endoftext|>", Specials.PARSE, true)).containsExactly(50256);
    assertThat(gpt1.encode("<unk>")).containsExactly(295, 2530, 290);
    assertThat(gpt1.encode("<unk>", Specials.PARSE, true)).containsExactly(0);
    assertThat(gpt2.decode(new int[] {64, 50256, 65}, true)).isEqualTo("ab");
  }

  @Test
  void c09SeparatorMayBeTheControlToken() {
    int[] ids =
        gpt2.encode("I love NLP!<|endoftext|>Here’s a free textbook (URL)…", Specials.PARSE, true);
    assertThat(ids[5]).isEqualTo(50256);
    assertThat(ids).containsSubsequence(50256, 4342, 447, 247, 82);
    assertThat(gpt2.encodePair("I love", " NLP", Specials.TEXT))
        .isEqualTo(gpt2.encode("I love NLP"));
  }

  @Test
  void c11Gpt1CleaningIsOnePath() {
    assertThat(gpt1.encode("“Hello”… — WORLD"))
        .isEqualTo(gpt1.encode("“hello”…\t—\u200B world"))
        .containsExactly(0, 3570, 0, 0, 0, 1276);
  }

  @Test
  void c12SchemeIsSeenInTheFiles() throws IOException {
    TokenizerFixture.folder(
        temp, "tokenizers/gpt2", "vocab.json=encoder.json", "merges.txt=vocab.bpe");
    Tokenizer tokenizer = Tokenizer.open(temp);
    assertThat(tokenizer.kind()).isEqualTo("byte-level BPE");
    assertThat(tokenizer.encode("Hello there!")).containsExactly(15496, 612, 0);
    assertThat(gpt1.kind()).isEqualTo("BPE with end-of-word suffix");
  }

  @Test
  void c13NoPadTokenIsNeeded() {
    assertThat(gpt1.id("<pad>")).isEmpty();
    assertThat(gpt1.encode("one text")).isNotEmpty();
    assertThat(gpt1.encode("another text that is longer")).isNotEmpty();
    for (int id = 1; id < gpt1.vocabSize(); id++) {
      assertThat(gpt1.isSpecial(id)).isFalse();
    }
  }

  @Test
  void c16StreamedPiecesNeverHoldHalfACharacter() {
    Tokenizer.StreamDecoder stream = gpt2.streamDecoder(false);
    assertThat(stream.next(12520)).isEqualTo(" ");
    assertThat(stream.next(99)).isEmpty();
    assertThat(stream.next(247)).isEqualTo("🦙");
    assertThat(stream.finish()).isEmpty();
    assertThat(gpt2.decode(new int[] {12520, 99, 247}, false)).isEqualTo(" 🦙");
  }

  @Test
  void c16CutCharacterIsOneReplacementAtTheEnd() {
    Tokenizer.StreamDecoder stream = gpt2.streamDecoder(false);
    assertThat(stream.next(12520)).isEqualTo(" ");
    assertThat(stream.next(99)).isEmpty();
    assertThat(stream.finish()).isEqualTo("\uFFFD");
    assertThat(stream.finish()).isEmpty();
  }

  @Test
  void c17IdOfAnotherVocabularyIsNamedWithTheSize() throws IOException {
    Tokenizer small = TokenizerFixture.open("models/gpt2-lm");
    String message = "token id 30375 is out of range: the vocabulary has 320 ids, 0 to 319";
    assertThatThrownBy(() -> small.decode(new int[] {5, 30375}, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> small.streamDecoder(true).next(30375)).hasMessage(message);
    assertThatThrownBy(() -> small.token(30375)).hasMessage(message);
    assertThatThrownBy(() -> small.isSpecial(30375)).hasMessage(message);
    assertThatThrownBy(() -> small.decode(new int[] {-1}, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("token id -1 is out of range");
  }
}
