package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.lanewise.Tokenizer;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** GPT-2's ids on random text against a second implementation. */
class JtokkitOracleTest {

  private static final long SEED = 20180611;

  /** First and last code point of what texts are made of; each text mixes two. */
  private static final int[][] RANGES = {
    {' ', '~'},
    {0, 0xFF},
    {'a', 'z'},
    {' ', '@'},
    {0x9, 0x20},
    {0x300, 0x5FF},
    {0x900, 0xDFF},
    {0x2000, 0x206F},
    {0x3000, 0x30FF},
    {0x4E00, 0x4FFF},
    {0xAC00, 0xADFF},
    {0x1F300, 0x1F6FF},
    {0x100, 0xD7FF},
    {0xE000, 0x10FFFF},
  };

  private static final String[] WORDS = {
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'", " ", "  ", "\n", "\r\n", "\t", "the", " and",
    "Hello", "1", "2024", " 7", ".", ", ", "--", "\u00A0", "\u0085", "\u3000", "\u200D", "é"
  };

  @Test
  void randomTextsHaveTheSameIds() throws IOException {
    Tokenizer tokenizer = TokenizerFixture.open("tokenizers/gpt2");
    Encoding oracle = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      String text = text(random);
      int[] ids = tokenizer.encode(text);
      assertThat(ids)
          .as(() -> "seed " + SEED + ", text " + text)
          .isEqualTo(oracle.encodeOrdinary(text).toArray());
      TokenizerFixture.assertDecodes(tokenizer, ids, text);
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int[] first = RANGES[random.nextInt(RANGES.length)];
    int[] second = RANGES[random.nextInt(RANGES.length)];
    int length = random.nextInt(80);
    while (text.length() < length) {
      int[] range = random.nextBoolean() ? first : second;
      int c = range[0] + random.nextInt(range[1] - range[0] + 1);
      if (random.nextInt(4) == 0) {
        text.append(WORDS[random.nextInt(WORDS.length)]);
      } else if (c < 0xD800 || c > 0xDFFF) {
        text.appendCodePoint(c);
      }
    }
    return text.toString();
  }
}
