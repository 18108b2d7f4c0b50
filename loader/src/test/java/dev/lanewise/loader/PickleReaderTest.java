package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.loader.PickleReader.Constant;
import dev.lanewise.loader.PickleReader.Tuple;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PickleReaderTest {

  private static Object read(PickleBytes pickle) throws IOException {
    byte[] bytes = pickle.bytes();
    return PickleReader.read(new ByteCursor("t", bytes, 0, bytes.length), new TorchClasses("t"));
  }

  private static PickleBytes start() {
    return PickleBytes.start();
  }

  private static void assertMalformed(PickleBytes pickle, String words) {
    assertThatThrownBy(() -> read(pickle))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("t: ")
        .hasMessageContaining(words);
  }

  private static void assertUnsupported(PickleBytes pickle, String words) {
    assertThatThrownBy(() -> read(pickle))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageStartingWith("t: ")
        .hasMessageContaining(words);
  }

  @Test
  void readsPlainValues() throws IOException {
    assertThat(read(start().op('N', '.'))).isEqualTo(Constant.NONE);
    assertThat(read(start().op(0x88, '.'))).isEqualTo(true);
    assertThat(read(start().op(0x89, '.'))).isEqualTo(false);
    assertThat(read(start().op('K', 200, '.'))).isEqualTo(200L);
    assertThat(read(start().op('M', 0xff, 0xff, '.'))).isEqualTo(65_535L);
    assertThat(read(start().op('J').number(-2, 4).op('.'))).isEqualTo(-2L);
    assertThat(read(start().op(0x8a, 0, '.'))).isEqualTo(0L);
    assertThat(read(start().op(0x8a, 1, 0xff, '.'))).isEqualTo(-1L);
    assertThat(read(start().op(0x8a, 5, 0, 0, 0, 0, 1, '.'))).isEqualTo(1L << 32);
    assertThat(read(start().op(0x8a, 8).number(Long.MIN_VALUE, 8).op('.')))
        .isEqualTo(Long.MIN_VALUE);
    assertThat(read(start().op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, '.'))).isEqualTo(1.5);
    assertThat(read(start().text("naïve 🦙").op('.'))).isEqualTo("naïve 🦙");
    assertThat(read(start().op(0x8c, 2).latin("ab.").op('.'))).isEqualTo("ab");
    assertThat(read(start().op('U', 2).latin("ab."))).isEqualTo("ab");
    assertThat(read(start().op('T').number(2, 4).latin("ab."))).isEqualTo("ab");
  }

  @Test
  void readsTuplesListsAndDicts() throws IOException {
    assertThat(values(read(start().op(')', '.')))).isEmpty();
    assertThat(values(read(start().op('K', 1, 0x85, '.')))).containsExactly(1L);
    assertThat(values(read(start().op('K', 1, 'K', 2, 0x86, '.')))).containsExactly(1L, 2L);
    assertThat(values(read(start().op('N', 'N', 'K', 3, 0x87, '.')))).endsWith(3L).hasSize(3);
    assertThat(values(read(start().integers(5, 6).op('.')))).containsExactly(5L, 6L);
    assertThat(read(start().op(']', 'K', 1, 'a', '(', 'K', 2, 'K', 3, 'e', '.')))
        .isEqualTo(List.of(1L, 2L, 3L));
    assertThat(read(start().op('}').text("a").op('K', 1, 's', '(', 'K', 2, 'K', 3, 'u', '.')))
        .isEqualTo(Map.of("a", 1L, 2L, 3L));
  }

  private static List<Object> values(Object tuple) {
    return ((Tuple) tuple).values();
  }

  @Test
  void recallsWhatItKept() throws IOException {
    assertThat(values(read(start().op('K', 7, 'q', 9, 'h', 9, 0x86, '.')))).containsExactly(7L, 7L);
    assertThat(
            values(
                read(start().op('K', 7, 'r').number(900, 4).op('j').number(900, 4).op(0x86, '.'))))
        .containsExactly(7L, 7L);
    assertThat(values(read(new PickleBytes().op(0x80, 4, 'K', 7, 0x94, 'h', 0, 0x86, '.'))))
        .containsExactly(7L, 7L);
  }

  @Test
  void readsProtocolFourWithAFrame() throws IOException {
    PickleBytes pickle = new PickleBytes().op(0x80, 4, 0x95).number(23, 8);
    pickle.op(0x8c, 11).latin("collections").op(0x8c, 11).latin("OrderedDict");
    assertThat(read(pickle.op(0x93, ')', 'R', '.'))).isEqualTo(Map.of());
  }

  @Test
  void anOrderedDictMayHaveItemsAndAttributes() throws IOException {
    PickleBytes pairs = start().global("collections", "OrderedDict").op('(', ']', '(', ']', '(');
    pairs.text("a").op('K', 1, 'e', 'e', 't', 'R', '.');
    assertThat(read(pairs)).isEqualTo(Map.of("a", 1L));
    PickleBytes built = start().global("collections", "OrderedDict").op(')', 'R', '}');
    assertThat(read(built.text("_metadata").op('N', 's', 'b', '.'))).isEqualTo(Map.of());
  }

  @Test
  void refusesEveryOtherOpcodeByName() {
    Set<Integer> supported = new HashSet<>();
    for (int opcode : "(NKMJGXTU)]ae}surqhjcQRbt.".chars().toArray()) {
      supported.add(opcode);
    }
    supported.addAll(List.of(0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x93, 0x94, 0x95));
    for (int opcode = 0; opcode < 256; opcode++) {
      String name = PickleOpcodes.refused().get(opcode);
      if (name != null) {
        assertThat(supported).doesNotContain(opcode);
        assertUnsupported(start().op(opcode), "the pickle uses " + name + ", which is refused");
      } else if (!supported.contains(opcode)) {
        assertMalformed(start().op(opcode), "at 2 of the pickle is no opcode");
      }
    }
    // All 68 that the language's pickletools list.
    assertThat(PickleOpcodes.refused().size() + supported.size()).isEqualTo(68);
  }

  @Test
  void refusesEveryOtherClassByName() {
    for (String name : List.of("os.system", "builtins.eval", "torch.storage.UntypedStorage")) {
      int dot = name.lastIndexOf('.');
      PickleBytes global = start().global(name.substring(0, dot), name.substring(dot + 1));
      assertUnsupported(global, "needs '" + name + "', which is refused: only tensors are built");
      PickleBytes stacked = start().text(name.substring(0, dot)).text(name.substring(dot + 1));
      assertUnsupported(stacked.op(0x93), "needs '" + name + "', which is refused");
    }
    // A class that is known cannot be called, nor be reached under another name.
    assertUnsupported(start().global("torch", "FloatStorage").op(')', 'R'), "is no function");
    assertUnsupported(start().text("a").op(')', 'R'), "is no function");
    assertUnsupported(start().global("torch._utils", "_rebuild_tensor_v2.x"), "is refused");
    assertUnsupported(start().global("os", "x\r"), "needs 'os.x\\u000d'");
    assertMalformed(start().op('N', 'N', 0x93), "names a class by something else than a text");
    assertMalformed(start().op('c').latin("a".repeat(300)), "has more than 256 bytes");
    assertMalformed(start().op('c').latin("abc"), "the name of a class needs 1 bytes");
    assertMalformed(start().op('c', 0xff, '\n', '\n'), "the name of a class is not UTF-8");
  }

  @Test
  void refusesBuildOfAnythingButADict() {
    assertUnsupported(start().op(']', '}', 'b'), "sets attributes (BUILD)");
    assertUnsupported(start().op('}', ')', 'b'), "sets attributes (BUILD)");
  }

  @Test
  void refusesAStackThatIsNone() {
    assertMalformed(start().op('.'), "takes a value where there is none");
    assertMalformed(start().op('(', '.'), "takes a value where there is none");
    assertMalformed(start().op('N', 'N', '.'), "ends with 2 values, expected one");
    assertMalformed(start().op('(', 'N', '.'), "ends with 2 values, expected one");
    assertMalformed(start().op('t'), "since a mark where there is none");
    assertMalformed(start().op('N', 0x86), "takes a value where there is none");
    assertMalformed(start().op('N', '(', 0x85), "takes a value where there is none");
    assertMalformed(start().op('N', 'N', 'a'), "appends to something else than a list");
    assertMalformed(start().op('N', '(', 'e'), "appends to something else than a list");
    assertMalformed(start().op('N', 'N', 'N', 's'), "sets items of something else than a dict");
    assertMalformed(start().op('}', '(', 'N', 'u'), "sets a key without a value");
    assertMalformed(start().op('(', 'q', 0), "takes a value where there is none");
    assertMalformed(start().op('N', 'N', 'R'), "calls with something else than a tuple");
  }

  @Test
  void refusesKeysThatCannotBeCompared() {
    assertUnsupported(start().op('}', ']', 'N', 's'), "neither a text nor an integer");
    assertUnsupported(start().op('}', ')', 'N', 's'), "neither a text nor an integer");
    assertMalformed(start().op('}', '(', 'K', 1, 'N', 'K', 1, 'N', 'u'), "has the key '1' twice");
  }

  @Test
  void refusesPlacesWhereNothingIsKept() {
    assertMalformed(start().op('h', 0), "recalls place 0, where nothing is kept");
    assertMalformed(start().op('j').number(-1, 4), "recalls place 4294967295, where nothing");
    for (long place : new long[] {150_000, 1L << 31, -1}) {
      assertUnsupported(
          start().op('N', 'r').number(place, 4),
          "keeps a value at place " + (place & 0xffff_ffffL) + ", supported are up to 150000");
    }
  }

  @Test
  void refusesLengthsPastTheEnd() {
    assertMalformed(start().op('X').number(2, 4).latin("a"), "a text needs 2 bytes");
    assertMalformed(start().op('X').number(0, 2), "a length needs 4 bytes");
    for (long length : new long[] {4_097, 1L << 31, -1}) {
      assertUnsupported(
          start().op('X').number(length, 4),
          "has a text of " + (length & 0xffff_ffffL) + " bytes, supported are up to 4096");
    }
    assertMalformed(start().op('X').number(1, 4).op(0xff), "a text is not UTF-8");
    assertUnsupported(start().op(0x8a, 9), "has a number of 9 bytes, supported are up to 8");
    assertMalformed(start().op(0x8a, 8), "a number needs 1 bytes");
    for (long length : new long[] {1, 1L << 32, Long.MAX_VALUE, -1}) {
      assertMalformed(
          start().op(0x95).number(length, 8),
          "a frame has " + Long.toUnsignedString(length) + " bytes, but 0 follow");
    }
    assertMalformed(start(), "an opcode needs 1 bytes");
    assertUnsupported(new PickleBytes().op(0x80, 6), "has protocol 6, supported are 0 to 5");
  }

  @Test
  void refusesTooManyOpcodes() {
    PickleBytes many = start().op(']');
    for (int i = 0; i < PickleReader.MAX_OPCODES; i++) {
      many.op('N');
    }
    assertUnsupported(many, "has more than 150000 opcodes");
  }

  @Test
  void aValueThatHoldsItselfDoesNoHarm() throws IOException {
    List<?> list = (ArrayList<?>) read(start().op(']', 'q', 0, 'h', 0, 'a', '.'));
    assertThat((Object) list.getFirst()).isSameAs(list);
    Map<?, ?> dict = (Map<?, ?>) read(start().op('}', 'q', 0).text("a").op('h', 0, 's', '.'));
    assertThat((Object) dict.get("a")).isSameAs(dict);
    PickleBytes both = start().op(']', 'q', 0, 0x85, 'q', 1, 'h', 0, 'h', 1, 'a', 0x86, '.');
    assertThat(values(read(both))).hasSize(2);
  }

  @Test
  void aDeepPickleDoesNoHarm() throws IOException {
    PickleBytes deep = start().op(')');
    for (int i = 0; i < 100_000; i++) {
      deep.op(0x85);
    }
    assertThat(values(read(deep.op('.')))).hasSize(1);
    PickleBytes marks = start();
    for (int i = 0; i < 70_000; i++) {
      marks.op('(');
    }
    for (int i = 0; i < 70_000; i++) {
      marks.op('t');
    }
    assertThat(read(marks.op('.')).toString()).isEqualTo("a tuple of 1");
  }
}
