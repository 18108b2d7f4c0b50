package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBundleTest {

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long[] THREE = {3};

  @TempDir private Path folder;

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(BundleBytes bytes)
      throws IOException {
    Path index = bytes.write(folder, "m");
    return assertThatThrownBy(() -> Checkpoint.open(index)).hasMessageStartingWith("m.");
  }

  private void assertMalformed(BundleBytes bytes, String words) throws IOException {
    assertRefused(bytes)
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining(words);
  }

  private void assertUnsupported(BundleBytes bytes, String words) throws IOException {
    assertRefused(bytes)
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining(words);
  }

  private static BundleBytes bundle() {
    return new BundleBytes().floats("a", THREE, 1, 2, 3);
  }

  private static BundleBytes entry(Proto entry) {
    return bundle().put("b", entry);
  }

  private static Proto shape() {
    return BundleBytes.shape(3);
  }

  private static TensorInfo tensor(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.tensors().get(name));
  }

  private static List<Float> values(Checkpoint checkpoint, String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Floats floats = checkpoint.floats(tensor(checkpoint, name), arena);
      List<Float> values = new ArrayList<>();
      for (int i = 0; i < floats.length(); i++) {
        values.add(floats.segment().get(F32, floats.offset() + i * 4L));
      }
      return values;
    }
  }

  @Test
  void readsWhatItsOwnWriterWrote() throws IOException {
    BundleBytes bytes = bundle().floats("b/c", new long[] {2, 1}, 4, 5).floats("d", new long[0], 6);
    try (Checkpoint checkpoint = Checkpoint.open(bytes.write(folder, "m"))) {
      assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b/c", "d");
      assertThat(tensor(checkpoint, "b/c").shape()).containsExactly(2L, 1L);
      assertThat(values(checkpoint, "a")).containsExactly(1f, 2f, 3f);
      assertThat(values(checkpoint, "b/c")).containsExactly(4f, 5f);
      assertThat(values(checkpoint, "d")).containsExactly(6f);
      assertThat(checkpoint.format()).isEqualTo("TensorFlow checkpoint");
    }
  }

  /** TensorFlow 2.18 wrote these. */
  @Test
  void readsTheTypesThatTensorFlowWrites() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Fixtures.tensorFlow("types.ckpt.index"))) {
      assertThat(checkpoint.metadata())
          .containsEntry("passed over, no numbers", "_CHECKPOINTABLE_OBJECT_GRAPH");
      assertThat(checkpoint.tensors().values().stream().map(TensorInfo::dtype))
          .containsExactly(
              DType.BF16,
              DType.BOOL,
              DType.F64,
              DType.F32,
              DType.F16,
              DType.I32,
              DType.I64,
              DType.F32,
              DType.U8,
              DType.F32);
      assertThat(values(checkpoint, "b")).containsExactly(1.5f, -2f);
      assertThat(values(checkpoint, "d")).containsExactly(1.25f, 2f);
      assertThat(values(checkpoint, "f")).containsExactly(1f, 2f, 3f, 4f, 5f, 6f);
      assertThat(values(checkpoint, "h")).containsExactly(1.5f, -2f, 3f);
      assertThat(values(checkpoint, "scalar")).containsExactly(2.5f);
      assertThat(tensor(checkpoint, "zero").shape()).containsExactly(0L, 3L);
      assertThat(values(checkpoint, "zero")).isEmpty();
    }
  }

  /** Packed by the reference's Snappy; TensorFlow reads it as well. */
  @Test
  void readsAPackedIndex() throws IOException {
    Path data = Fixtures.tensorFlow("types.ckpt.data-00000-of-00001");
    Files.copy(data, folder.resolve("packed.ckpt.data-00000-of-00001"));
    Path index = folder.resolve("packed.ckpt.index");
    Files.copy(Fixtures.tensorFlow("packed.ckpt.index"), index);
    try (Checkpoint packed = Checkpoint.open(index);
        Checkpoint plain = Checkpoint.open(Fixtures.tensorFlow("types.ckpt.index"))) {
      assertThat(packed.tensors().keySet()).containsExactlyElementsOf(plain.tensors().keySet());
      assertThat(values(packed, "f")).isEqualTo(values(plain, "f"));
    }
  }

  /** The hole before it takes no space. */
  @Test
  void readsATensorPastFourGibibytes() throws IOException {
    BundleBytes bytes = bundle();
    byte[] far = {0, 0, 0, 64, 0, 0, 64, 64};
    bytes
        .entry("far", BundleBytes.shape(2), 1, 5L << 30, 8)
        .fixed32(6, TableBytes.masked(TableBytes.checksum(far, 8)));
    Path index = bytes.write(folder, "m");
    Path data = folder.resolve("m.data-00000-of-00001");
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(far), 5L << 30);
    }
    try (Checkpoint checkpoint = Checkpoint.open(index)) {
      assertThat(values(checkpoint, "far")).containsExactly(2f, 3f);
      assertThat(values(checkpoint, "a")).containsExactly(1f, 2f, 3f);
    }
  }

  @Test
  void refusesAMissingHeader() throws IOException {
    Path index = folder.resolve("m.index");
    new TableBytes().entry("a", new byte[0]).write(index);
    assertThatThrownBy(() -> Checkpoint.open(index))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("m.index: begins with an entry of a name, expected the header");
    new TableBytes().write(index);
    assertThatThrownBy(() -> Checkpoint.open(index))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("m.index: has no header");
  }

  @Test
  void refusesAnImpossibleHeader() throws IOException {
    BundleBytes bytes = bundle();
    for (long count : new long[] {0, 1_001, Integer.MAX_VALUE}) {
      bytes = bundle();
      bytes.header = new Proto().varint(1, count);
      assertMalformed(bytes, "says that there are " + count + " data files, expected 1 to 1000");
    }
    for (long count : new long[] {-1, 1L << 31, 1L << 32, Long.MIN_VALUE}) {
      bytes = bundle();
      bytes.header = new Proto().varint(1, count);
      assertMalformed(bytes, "field 1 is " + count + ", expected 0 to 2147483647");
    }
    bytes = bundle();
    bytes.header.varint(2, 1);
    assertUnsupported(bytes, "is big-endian (byte order 1), supported is little-endian");
    bytes = bundle();
    bytes.header = new Proto().varint(1, 1).message(3, new Proto().varint(1, 9).varint(2, 2));
    assertUnsupported(bytes, "needs a reader of version 2, supported is 1");
    bytes = bundle();
    bytes.header = new Proto().message(1, new Proto().varint(1, 1));
    assertUnsupported(bytes, "is a TensorFlow checkpoint of format 1, supported is format 2");
  }

  @Test
  void refusesMessagesThatAreNone() throws IOException {
    assertMalformed(entry(new Proto().varint(1, 1).varint(1, 1)), "has field 1 twice");
    assertMalformed(entry(new Proto().fixed32(1, 1)), "field 1 has type 5, expected 0");
    assertMalformed(entry(new Proto().varint(2, 1)), "field 2 has type 0, expected 2");
    assertMalformed(entry(new Proto().varint(6, 1)), "field 6 has type 0, expected 5");
    assertMalformed(entry(new Proto().tag(9, 3)), "field 9 has type 3, which is none");
    assertMalformed(entry(new Proto().raw(2)), "begins a field with 2, which has no number");
    assertMalformed(entry(new Proto().raw(1L << 32)), "begins a field with 4294967296");
    assertMalformed(entry(new Proto().tag(9, 1).raw(1)), "a field needs 8 bytes");
    for (long length : new long[] {1, -1, 1L << 31, 1L << 32, Long.MIN_VALUE}) {
      assertMalformed(
          entry(new Proto().tag(2, 2).raw(length)),
          "a message has " + Long.toUnsignedString(length) + " bytes, but 0 follow");
    }
  }

  @Test
  void passesOverUnknownFields() throws IOException {
    BundleBytes bytes = bundle();
    bytes.header.varint(99, 7).fixed32(98, 7).tag(97, 1).bytes(new byte[8]);
    bytes.header.message(96, new byte[3]);
    Checkpoint.open(bytes.write(folder, "m")).close();
  }

  @Test
  void refusesTensorsInParts() throws IOException {
    BundleBytes bytes = bundle();
    bytes.entry("b", shape(), 1, 0, 12).message(7, new byte[0]);
    assertUnsupported(bytes, "keeps tensor 'b' in parts (a partitioned variable)");
    assertUnsupported(bundle().put("\0b", new Proto()), "keeps a tensor in parts");
  }

  @Test
  void refusesTypesThatItDoesNotKnow() throws IOException {
    for (int type : new int[] {0, 23 + 1, 101, Integer.MAX_VALUE}) {
      BundleBytes bytes = bundle();
      bytes.entry("b", shape(), type, 0, 12);
      assertUnsupported(bytes, "tensor 'b' has type " + type + " of TensorFlow");
    }
  }

  @Test
  void refusesShapesThatAreNone() throws IOException {
    for (long size : new long[] {-1, Long.MIN_VALUE}) {
      BundleBytes bytes = bundle();
      bytes.entry("b", BundleBytes.shape(3, size), 1, 0, 12);
      assertMalformed(bytes, "tensor 'b': has a dimension of size " + size);
    }
    BundleBytes bytes = bundle();
    bytes.entry("b", new Proto().varint(3, 1), 1, 0, 12);
    assertMalformed(bytes, "tensor 'b': has a shape of unknown rank");
    bytes = bundle();
    bytes.entry(
        "b",
        BundleBytes.shape(Collections.nCopies(9, 1L).stream().mapToLong(n -> n).toArray()),
        1,
        0,
        4);
    assertUnsupported(bytes, "tensor 'b' has more than 8 dimensions");
    for (long[] shape : new long[][] {{1L << 61}, {1L << 32, 1L << 32}, {Long.MAX_VALUE, 2}}) {
      bytes = bundle();
      bytes.entry("b", BundleBytes.shape(shape), 1, 0, 4);
      assertMalformed(bytes, "whose size passes 2^63 bytes");
    }
  }

  @Test
  void refusesSizesThatAreNotTheShapes() throws IOException {
    for (long bytes : new long[] {0, 11, 13, -1, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE}) {
      BundleBytes bundle = bundle();
      bundle.entry("b", shape(), 1, 0, bytes);
      assertMalformed(bundle, "has " + bytes + " bytes, expected 12 for F32 [3]");
    }
  }

  @Test
  void refusesPlacesOutsideTheFile() throws IOException {
    for (long offset : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 11}) {
      BundleBytes bytes = bundle();
      bytes.entry("b", shape(), 1, offset, 12);
      assertMalformed(bytes, "begins at byte " + offset + ", which no file has");
    }
    for (long offset : new long[] {1, 12, 1L << 31, 1L << 32, 1L << 62}) {
      BundleBytes bytes = bundle();
      bytes.entry("b", shape(), 1, offset, 12);
      assertMalformed(bytes, "tensor 'b' ends at byte " + (offset + 12) + ", but the file has 12");
    }
    BundleBytes bytes = bundle();
    bytes.entry("b", shape(), 1, 0, 12).varint(3, 1);
    assertMalformed(bytes, "tensor 'b': is in data file 1, but there are 1");
  }

  @Test
  void refusesTensorsThatOverlap() throws IOException {
    BundleBytes bytes = bundle();
    bytes.entry("b", BundleBytes.shape(1), 1, 8, 4);
    assertMalformed(bytes, "tensors 'a' and 'b' overlap at byte 8 of m.data-00000-of-00001");
  }

  @Test
  void refusesNamesThatAreNotUtf8() throws IOException {
    Path index = folder.resolve("m.index");
    new TableBytes()
        .entry("", BundleBytes.header(1).bytes())
        .entry(new byte[] {(byte) 0xc0, (byte) 0x80}, new byte[0])
        .write(index);
    assertThatThrownBy(() -> Checkpoint.open(index))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("m.index: a name is not UTF-8");
  }

  @Test
  void refusesTooManyTensorsOrTooLongNames() throws IOException {
    BundleBytes many = new BundleBytes();
    for (int i = 0; i <= TensorBundle.MAX_TENSORS; i++) {
      many.entry("t" + i, BundleBytes.shape(0), 1, 0, 0);
    }
    assertUnsupported(many, "has more than 4096 tensors, or their names more than 1048576 bytes");
    BundleBytes names = new BundleBytes();
    for (int i = 0; i < 1_050; i++) {
      names.entry("n".repeat(1_000) + (1_000 + i), BundleBytes.shape(0), 1, 0, 0);
    }
    assertUnsupported(names, "has more than 4096 tensors, or their names more than 1048576 bytes");
  }

  @Test
  void refusesAnIndexWithoutNumbers() throws IOException {
    BundleBytes bytes = new BundleBytes();
    bytes.entry("_CHECKPOINTABLE_OBJECT_GRAPH", BundleBytes.shape(), 7, 0, 5);
    assertMalformed(bytes, "lists no tensor of numbers");
  }

  @Test
  void namesAMissingDataFile() throws IOException {
    Path index = bundle().write(folder, "m");
    Files.delete(folder.resolve("m.data-00000-of-00001"));
    assertThatThrownBy(() -> Checkpoint.open(index))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("m.data-00000-of-00001: this data file is missing, named by m.index");
  }

  @Test
  void recognizesAPointerInPlaceOfTheData() throws IOException {
    Path index = bundle().write(folder, "m");
    Files.writeString(folder.resolve("m.data-00000-of-00001"), "version https://git-lfs\n");
    BundleBytes large = new BundleBytes().floats("a", new long[] {9}, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    Files.write(index, large.index());
    assertThatThrownBy(() -> Checkpoint.open(index))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("m.data-00000-of-00001: is a Git LFS pointer");
  }

  @Test
  void cannotFindTheDataOfAnIndexOfAnotherName() throws IOException {
    Path file = Files.move(bundle().write(folder, "m"), folder.resolve("m.idx"));
    assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("expected it to be called like 'model.ckpt.index'");
  }

  @Test
  void findsDamagedDataWhenTheyAreRead() throws IOException {
    Path index = bundle().floats("b", THREE, 4, 5, 6).write(folder, "m");
    Path data = folder.resolve("m.data-00000-of-00001");
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap("x".getBytes(UTF_8)), 13);
    }
    try (Checkpoint checkpoint = Checkpoint.open(index)) {
      assertThat(values(checkpoint, "a")).containsExactly(1f, 2f, 3f);
      assertThatThrownBy(() -> values(checkpoint, "b"))
          .isInstanceOf(MalformedCheckpointException.class)
          .hasMessageContaining("tensor 'b' has another checksum than the index says");
    }
  }
}
