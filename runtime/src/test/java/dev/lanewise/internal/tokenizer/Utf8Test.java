package dev.lanewise.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {

  @Test
  void encodesAndReadsEveryCodePoint() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      String text = Character.toString(c);
      byte[] expected = text.getBytes(StandardCharsets.UTF_8);
      ByteBuilder bytes = Utf8.encode(text);
      if (!Arrays.equals(Arrays.copyOf(bytes.array, bytes.size), expected)
          || Utf8.codePoint(bytes.array, 0) != c
          || Utf8.length(bytes.array[0]) != expected.length
          || Utf8.previous(bytes.array, bytes.size) != 0
          || !Utf8.decode(bytes.array, 0, bytes.size).equals(text)) {
        throw new AssertionError("U+%X".formatted(c));
      }
    }
  }

  @Test
  void everyCutIsHeldBackExactlyWhileItCanBecomeACharacter() {
    byte[] bytes = "aé中😀".getBytes(StandardCharsets.UTF_8);
    int[] held = {0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0};
    for (int size = 0; size <= bytes.length; size++) {
      assertThat(Utf8.incompleteTail(bytes, size)).as("size " + size).isEqualTo(held[size]);
    }
    // An encoded surrogate, a value past the last, an overlong form: no character comes of them.
    for (int[] start :
        new int[][] {{0xED, 0xA0}, {0xF4, 0x90}, {0xE0, 0x80}, {0xF0, 0x8F}, {0xC1}}) {
      byte[] broken = new byte[start.length];
      for (int i = 0; i < start.length; i++) {
        broken[i] = (byte) start[i];
      }
      assertThat(Utf8.incompleteTail(broken, broken.length)).isZero();
    }
  }

  @Test
  void splittingAnywhereNeverChangesTheText() {
    Random random = new Random(3629);
    byte[] leads = {
      'a', (byte) 0x80, (byte) 0xBF, (byte) 0xC3, (byte) 0xE0, (byte) 0xE2, (byte) 0xED
    };
    byte[] more = {(byte) 0xF0, (byte) 0xF4, (byte) 0xFF, (byte) 0x90, (byte) 0xA0, (byte) 0xC0};
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(12)];
      for (int i = 0; i < bytes.length; i++) {
        byte[] from = random.nextBoolean() ? leads : more;
        bytes[i] = from[random.nextInt(from.length)];
      }
      String whole = Utf8.decode(bytes, 0, bytes.length);
      for (int cut = 0; cut <= bytes.length; cut++) {
        int first = cut - Utf8.incompleteTail(bytes, cut);
        assertThat(Utf8.decode(bytes, 0, first) + Utf8.decode(bytes, first, bytes.length))
            .isEqualTo(whole);
      }
    }
  }
}
