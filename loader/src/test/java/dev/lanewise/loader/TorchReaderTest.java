package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchReaderTest {

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long[] SIX = {2, 3};
  private static final long[] ROWS = {3, 1};

  @TempDir private Path folder;

  /** Six floats, 0 to 5. */
  private static byte[] data() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < 6; i++) {
      TableBytes.number(out, Float.floatToIntBits(i), 4);
    }
    return out.toByteArray();
  }

  private static ZipBytes zip(byte[] pickle) {
    return new ZipBytes()
        .add("archive/data.pkl", pickle)
        .add("archive/byteorder", "little".getBytes(UTF_8))
        .add("archive/data/0", data());
  }

  /** A dict of one tensor "a". */
  private static PickleBytes one() {
    return PickleBytes.start().op('}').text("a").floats("0", SIX).op('s', '.');
  }

  /** A dict of one tensor "a" of storage 0, of which the rest is written by {@code rest}. */
  private static ZipBytes tensor(UnaryOperator<PickleBytes> rest) {
    PickleBytes pickle = PickleBytes.start().op('}').text("a").begin();
    pickle.storage("FloatStorage", "0", 6);
    return zip(rest.apply(pickle).op('s', '.').bytes());
  }

  private Path file() {
    return folder.resolve("pytorch_model.bin");
  }

  private void assertMalformed(ZipBytes bytes, String words) throws IOException {
    assertMalformed(bytes.write(file()), words);
  }

  private static void assertMalformed(Path file, String words) {
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("pytorch_model.bin: ")
        .hasMessageContaining(words);
  }

  private void assertUnsupported(ZipBytes bytes, String words) throws IOException {
    assertUnsupported(bytes.write(file()), words);
  }

  private static void assertUnsupported(Path file, String words) {
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageStartingWith("pytorch_model.bin: ")
        .hasMessageContaining(words);
  }

  private static float[] values(Checkpoint checkpoint, String name) {
    TensorInfo tensor = Objects.requireNonNull(checkpoint.tensors().get(name));
    return checkpoint.data(tensor).toArray(F32);
  }

  @Test
  void readsTensorsAndViewsOfOneStorage() throws IOException {
    PickleBytes pickle = PickleBytes.start().op('}', '(').text("a").floats("0", SIX);
    pickle.text("b").begin().storage("FloatStorage", "0", 6);
    pickle.rest(4, new long[] {1, 2}, new long[] {77, 1});
    pickle.text("c").begin().storage("FloatStorage", "0", 6).rest(5, new long[0], new long[0]);
    pickle.text("d").begin().storage("FloatStorage", "0", 6);
    pickle.rest(6, new long[] {0, 9}, new long[] {1, 5}).text("steps").op('K', 9);
    try (Checkpoint checkpoint = Checkpoint.open(zip(pickle.op('u', '.').bytes()).write(file()))) {
      assertThat(checkpoint.format()).isEqualTo("PyTorch");
      assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b", "c", "d");
      assertThat(values(checkpoint, "a")).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(values(checkpoint, "b")).containsExactly(4, 5);
      assertThat(values(checkpoint, "c")).containsExactly(5);
      assertThat(values(checkpoint, "d")).isEmpty();
    }
  }

  @Test
  void readsParametersAndOlderTensors() throws IOException {
    PickleBytes pickle = PickleBytes.start().op('}', '(').text("a");
    pickle.global("torch._utils", "_rebuild_parameter").op('(').floats("0", SIX).op(0x88);
    pickle.global("collections", "OrderedDict").op(')', 'R', 't', 'R').text("b");
    pickle.global("torch._utils", "_rebuild_tensor").op('(').storage("FloatStorage", "0", 6);
    pickle.integer(1).integers(2).integers(1).op('t', 'R', 'u', '.');
    try (Checkpoint checkpoint = Checkpoint.open(zip(pickle.bytes()).write(file()))) {
      assertThat(values(checkpoint, "a")).hasSize(6);
      assertThat(values(checkpoint, "b")).containsExactly(1, 2);
    }
  }

  @Test
  void findsTheWeightsOfATrainingCheckpoint() throws IOException {
    PickleBytes pickle = PickleBytes.start().op('}', '(').text("epoch").op('K', 3);
    pickle.text("state_dict").op('}').text("a").floats("0", SIX).op('s', 'u', '.');
    try (Checkpoint checkpoint = Checkpoint.open(zip(pickle.bytes()).write(file()))) {
      assertThat(checkpoint.tensors().keySet()).containsExactly("a");
      assertThat(checkpoint.metadata()).containsEntry("taken from", "state_dict");
    }
  }

  @Test
  void refusesWhatHoldsNoTensors() throws IOException {
    assertUnsupported(zip(PickleBytes.start().op('}', '.').bytes()), "holds no tensor by name");
    assertUnsupported(
        zip(PickleBytes.start().op('K', 1, '.').bytes()), "something else than a dict");
    PickleBytes numbered = PickleBytes.start().op('}', 'K', 1).floats("0", SIX).op('s', '.');
    assertUnsupported(zip(numbered.bytes()), "holds a tensor under the number 1");
    assertMalformed(zip(one().op('N').bytes()), "has 1 bytes after its pickle");
  }

  @Test
  void refusesClassesAndCallsByName() throws IOException {
    PickleBytes call =
        PickleBytes.start().global("posix", "system").op('(').text("ls").op('t', 'R');
    assertUnsupported(
        zip(call.op('.').bytes()), "the pickle needs 'posix.system', which is refused");
    PickleBytes model = PickleBytes.start().global("transformers.models.gpt2", "GPT2Model");
    assertUnsupported(zip(model.bytes()), "needs 'transformers.models.gpt2.GPT2Model'");
    assertUnsupported(
        zip(PickleBytes.start().op(')', 0x81).bytes()), "the pickle uses NEWOBJ, which is refused");
    PickleBytes complex = PickleBytes.start().global("torch", "ComplexFloatStorage");
    assertUnsupported(zip(complex.bytes()), "needs 'torch.ComplexFloatStorage'");
  }

  @Test
  void refusesReferencesThatAreNone() throws IOException {
    String words = "refers to data by something else than";
    assertMalformed(zip(PickleBytes.start().op('N', 'Q').bytes()), words);
    assertMalformed(zip(PickleBytes.start().integers(1, 2).op('Q').bytes()), words);
    PickleBytes text = PickleBytes.start().op('(').text("storage").text("FloatStorage").text("0");
    assertMalformed(zip(text.text("cpu").integer(6).op('t', 'Q').bytes()), words);
    PickleBytes view = PickleBytes.start().op('(').text("storage").global("torch", "FloatStorage");
    view.text("0").text("cpu").integer(6).op(')', 't', 'Q');
    assertUnsupported(zip(view.bytes()), "has a view of storage '0', supported are whole ones");
  }

  @Test
  void refusesStoragesOfImpossibleSize() throws IOException {
    for (long elements : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62}) {
      PickleBytes pickle = PickleBytes.start().storage("FloatStorage", "0", elements);
      assertMalformed(zip(pickle.bytes()), "has storage '0' of " + elements + " elements");
    }
    PickleBytes twice = PickleBytes.start().storage("FloatStorage", "0", 6);
    assertMalformed(zip(twice.storage("HalfStorage", "0", 12).bytes()), "of 6 F32, then of 12 F16");
    for (long elements : new long[] {0, 5, 7, 1L << 31, 1L << 32, 1L << 60}) {
      PickleBytes pickle = PickleBytes.start().op('}').text("a").begin();
      pickle.storage("FloatStorage", "0", elements).rest(0, new long[] {0}, new long[] {1});
      assertMalformed(
          zip(pickle.op('s', '.').bytes()),
          "entry 'archive/data/0' has 24 bytes, expected " + elements * 4);
    }
    PickleBytes missing = PickleBytes.start().op('}').text("a").floats("1", 6).op('s', '.');
    assertMalformed(zip(missing.bytes()), "has no entry 'archive/data/1', which its pickle needs");
  }

  @Test
  void refusesTensorsOutsideTheirStorage() throws IOException {
    String words = "of storage '0', which has 6";
    assertMalformed(tensor(p -> p.rest(1, SIX, ROWS)), words);
    for (long first : new long[] {-1, 7, 1L << 31, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertMalformed(tensor(p -> p.rest(first, new long[0], new long[0])), words);
    }
    assertMalformed(tensor(p -> p.rest(0, new long[] {1L << 32}, new long[] {1})), words);
    for (long[] shape : new long[][] {{1L << 61}, {1L << 32, 1L << 32}}) {
      assertMalformed(tensor(p -> p.rest(0, shape, shape)), "whose size passes 2^63 bytes");
    }
  }

  @Test
  void refusesTensorsThatAreNone() throws IOException {
    assertMalformed(tensor(p -> p.rest(0, SIX, new long[] {1})), "with strides [1]");
    assertMalformed(tensor(p -> p.rest(0, new long[] {-1}, ROWS)), "or negative");
    assertMalformed(
        tensor(p -> p.integer(0).op('N', 0x85).integers(1).op('N', 'N', 't', 'R')), "no number");
    assertMalformed(tensor(p -> p.op('N', 'N', 'N', 'N', 'N', 't', 'R')), "something else than a");
    assertMalformed(tensor(p -> p.op('t', 'R')), "with 1 arguments, expected 6 to 7");
    assertUnsupported(
        tensor(p -> p.rest(0, new long[9], new long[9])), "of 9 dimensions, supported are up to 8");
    UnaryOperator<PickleBytes> named =
        p ->
            p.integer(0)
                .integers(SIX)
                .integers(ROWS)
                .op('N', 'N', '}')
                .text("conj")
                .op(0x88, 's')
                .op('t', 'R');
    assertUnsupported(tensor(named), "has a tensor with attributes");
    PickleBytes parameter = PickleBytes.start().global("torch._utils", "_rebuild_parameter");
    assertMalformed(
        zip(parameter.op('(', 'N', 'N', 'N', 't', 'R').bytes()), "makes a parameter of");
    PickleBytes dict = PickleBytes.start().global("collections", "OrderedDict");
    assertMalformed(zip(dict.op('N', 0x85, 'R').bytes()), "something else than a list of pairs");
    PickleBytes pair = PickleBytes.start().global("collections", "OrderedDict");
    assertMalformed(zip(pair.op(']', 'N', 'a', 0x85, 'R').bytes()), "than pairs of a name");
  }

  @Test
  void refusesTensorsThatAreNotInOrder() throws IOException {
    assertUnsupported(
        tensor(p -> p.rest(0, new long[] {3, 2}, new long[] {1, 3})),
        "with strides [1, 3], supported is C order without gaps (save it with '.contiguous()')");
    assertUnsupported(tensor(p -> p.rest(0, new long[] {3}, new long[] {0})), "with strides [0]");
  }

  @Test
  void refusesOtherArchives() throws IOException {
    assertUnsupported(new ZipBytes().add("arr_0.npy", data()), "it is no PyTorch checkpoint");
    ZipBytes two = zip(one().bytes()).add("b/data.pkl", one().bytes());
    assertUnsupported(two, "with 2 entries called like 'archive/data.pkl'");
    ZipBytes script = zip(one().bytes()).add("archive/constants.pkl", new byte[3]);
    assertUnsupported(script, "is a TorchScript program");
    ZipBytes big = new ZipBytes().add("archive/data.pkl", one().bytes());
    big.add("archive/byteorder", "big".getBytes(UTF_8));
    assertUnsupported(big, "has the byte order 'big', supported is 'little'");
    ZipBytes odd = new ZipBytes().add("archive/data.pkl", one().bytes());
    assertMalformed(odd.add("archive/byteorder", new byte[17]), "has an entry 'byteorder' of 17");
    assertUnsupported(
        zip(new byte[TorchReader.MAX_PICKLE_BYTES + 1]), "has a pickle of more than 2097152 bytes");
  }

  @Test
  void refusesTooManyTensors() throws IOException {
    PickleBytes pickle = PickleBytes.start().op('}', '(').text("t").begin();
    pickle.storage("FloatStorage", "0", 6).rest(0, SIX, ROWS).op('q', 1);
    for (int i = 0; i < TorchReader.MAX_TENSORS; i++) {
      pickle.text("t" + i).op('h', 1);
    }
    assertUnsupported(zip(pickle.op('u', '.').bytes()), "has more than 8192 tensors");
  }

  private Path old(Consumer<PickleBytes> tensors, Consumer<PickleBytes> keys, byte[] storages)
      throws IOException {
    PickleBytes pickles = magic().op(0x80, 2, 'M', 0xe9, 3, '.', 0x80, 2, '}');
    pickles.text("little_endian").op(0x88, 's', '.', 0x80, 2);
    tensors.accept(pickles);
    keys.accept(pickles.op(0x80, 2));
    return Files.write(file(), pickles.latin(new String(storages, ISO_8859_1)).bytes());
  }

  private static PickleBytes magic() {
    return PickleBytes.start()
        .op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.');
  }

  private static void tensors(PickleBytes pickle) {
    pickle.op('}').text("a").begin().oldStorage("FloatStorage", "7", 6).rest(0, SIX, ROWS);
    pickle.op('s', '.');
  }

  private static void keys(PickleBytes pickle) {
    pickle.op(']').text("7").op('a', '.');
  }

  private static byte[] storage(long elements) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TableBytes.number(out, elements, 8);
    out.writeBytes(data());
    return out.toByteArray();
  }

  @Test
  void readsTheOldForm() throws IOException {
    Path file = old(TorchReaderTest::tensors, TorchReaderTest::keys, storage(6));
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      assertThat(values(checkpoint, "a")).containsExactly(0, 1, 2, 3, 4, 5);
    }
  }

  @Test
  void refusesABrokenOldForm() throws IOException {
    Consumer<PickleBytes> tensors = TorchReaderTest::tensors;
    Consumer<PickleBytes> keys = TorchReaderTest::keys;
    for (long elements : new long[] {0, 5, 7, -1, 1L << 31, 1L << 32, Long.MAX_VALUE}) {
      assertMalformed(
          old(tensors, keys, storage(elements)),
          "storage '7' has " + elements + " elements, expected 6");
    }
    assertMalformed(old(tensors, keys, new byte[7]), "ends before storage '7': it is cut");
    byte[] cut = Arrays.copyOf(storage(6), 31);
    assertMalformed(old(tensors, keys, cut), "storage '7' needs 24 bytes, but 23 follow");
    byte[] more = Arrays.copyOf(storage(6), 33);
    assertMalformed(old(tensors, keys, more), "has 1 bytes after its storages");
    assertMalformed(old(tensors, p -> p.op('}', '.'), cut), "has no list of storages");
    assertMalformed(old(tensors, p -> p.op(']', '.'), new byte[0]), "does not list all storages");
    assertMalformed(old(tensors, p -> p.op(']', 'N', 'a', '.'), cut), "that no tensor is in");
    Consumer<PickleBytes> other = p -> p.op(']').text("8").op('a', '.');
    assertMalformed(old(tensors, other, cut), "lists a storage that no tensor is in");
    Consumer<PickleBytes> twice = p -> p.op(']', '(').text("7").text("7").op('e', '.');
    byte[] both = new String(storage(6), ISO_8859_1).repeat(2).getBytes(ISO_8859_1);
    assertMalformed(old(tensors, twice, both), "lists storage '7' twice");
    assertUnsupported(
        Files.write(file(), PickleBytes.start().op('}', '.').latin(" ".repeat(20)).bytes()),
        "is a Python pickle, but no PyTorch checkpoint");
    assertUnsupported(Files.write(file(), PickleBytes.start().op('}').bytes()), "no PyTorch");
    assertUnsupported(
        Files.write(file(), magic().op(0x80, 2, 'K', 1, '.').bytes()), "of another protocol");
    assertUnsupported(
        Files.write(file(), magic().op(0x80, 2, 'M', 0xe9, 3, '.', '}', '.').bytes()),
        "does not say that it is little-endian");
    PickleBytes big = magic().op(0x80, 2, 'M', 0xe9, 3, '.', '}').text("little_endian");
    assertUnsupported(
        Files.write(file(), big.op(0x89, 's', '.').bytes()), "supported is little-endian");
  }

  @Test
  void opensShardsByTheirListOrTheirNames() throws IOException {
    Path first = folder.resolve("pytorch_model-00001-of-00002.bin");
    zip(one().bytes()).write(first);
    PickleBytes b = PickleBytes.start().op('}').text("b").floats("0", SIX).op('s', '.');
    zip(b.bytes()).write(folder.resolve("pytorch_model-00002-of-00002.bin"));
    for (Path path : List.of(folder, first)) {
      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        assertThat(checkpoint.format()).isEqualTo("PyTorch, 2 shards");
        assertThat(checkpoint.description()).isEqualTo("2 shards found by name");
        assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b");
      }
    }
    Path index = folder.resolve("pytorch_model.bin.index.json");
    Files.writeString(
        index,
        """
        {"weight_map": {"a": "pytorch_model-00001-of-00002.bin",
                        "b": "pytorch_model-00002-of-00002.bin"}}
        """);
    for (Path path : List.of(folder, first, index)) {
      try (Checkpoint checkpoint = Checkpoint.open(path)) {
        assertThat(checkpoint.description())
            .isEqualTo("2 shards listed by pytorch_model.bin.index.json");
        assertThat(checkpoint.tensors()).hasSize(2);
      }
    }
  }

  @Test
  void saysWhichFileOfAFolderItTook() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.model("openai-gpt-lm-bin"))) {
      assertThat(checkpoint.description())
          .isEqualTo("pytorch_model.bin (not pytorch_model.legacy.bin)");
    }
  }
}
