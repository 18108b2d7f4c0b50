package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each rule of the format. */
class GgufReaderTest {

  @TempDir private Path folder;

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      byte[] content, Class<? extends IOException> type) throws IOException {
    Path file = Files.write(folder.resolve("m.gguf"), content);
    return assertThatThrownBy(() -> GgufReader.read(file))
        .isExactlyInstanceOf(type)
        .hasMessageStartingWith("m.gguf: ");
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertMalformed(GgufBytes bytes)
      throws IOException {
    return assertRefused(bytes.file(), MalformedCheckpointException.class);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertUnsupported(GgufBytes bytes)
      throws IOException {
    return assertRefused(bytes.file(), UnsupportedCheckpointException.class);
  }

  private GgufReader.Header read(GgufBytes bytes) throws IOException {
    return GgufReader.read(bytes.write(folder.resolve("m.gguf")));
  }

  private static GgufBytes with(GgufBytes.Entry entry) {
    return new GgufBytes().entry(entry).data(64);
  }

  private static GgufBytes.Entry entry(String name, int type, long offset, long... shape) {
    return new GgufBytes.Entry(name, shape.length, GgufBytes.list(shape), type, offset);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void readsValuesOfEveryType(int version) throws IOException {
    GgufBytes bytes =
        new GgufBytes()
            .key("u8", 0, (byte) 200)
            .key("i8", 1, (byte) -1)
            .key("u16", 2, (short) -1)
            .key("i16", 3, (short) -2)
            .key("u32", 4, -1)
            .key("i32", 5, -3)
            .key("f32", 6, 0.5f)
            .key("bool", 7, (byte) 1)
            .key("string", 8, "naïve Ġ")
            .key("array", 9, 5, 2L, 7, 8)
            .key("u64", 10, 1L << 40)
            .key("i64", 11, -4L)
            .key("f64", 12, 0.25)
            .key("nested", 9, 9, 2L, 8, 1L, "a", 0, 3L, (byte) 1, (byte) 2, (byte) 3)
            .tensor("a", 0, 24, 3, 2)
            .tensor("b", 8, 34, 32);
    bytes.version = version;
    GgufReader.Header header = read(bytes);
    assertThat(header.metadata().texts().values())
        .containsExactly(
            "200",
            "-1",
            "65535",
            "-2",
            "4294967295",
            "-3",
            "0.5",
            "true",
            "naïve Ġ",
            "array of 2 int32",
            "1099511627776",
            "-4",
            "0.25",
            "array of 2 array");
    assertThat(header.metadata().integers("array", 2)).containsExactly(7, 8);
    TensorInfo a = header.tensors().tensors().firstEntry().getValue();
    assertThat(a.shape()).containsExactly(2L, 3L);
    assertThat(a.dtype()).isEqualTo(DType.F32);
    assertThat(a.offset() % 32).isZero();
    TensorInfo b = header.tensors().tensors().lastEntry().getValue();
    assertThat(b.offset()).isEqualTo(a.offset() + 32);
    assertThat(b.bytes()).isEqualTo(34);
  }

  @Test
  void refusesAnotherMagic() throws IOException {
    GgufBytes bytes = new GgufBytes();
    bytes.magic = "GGUf";
    assertMalformed(bytes).hasMessage("m.gguf: begins with 'GGUf', expected 'GGUF'");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, Integer.MAX_VALUE, -1})
  void namesOtherVersions(int version) throws IOException {
    GgufBytes bytes = new GgufBytes();
    bytes.version = version;
    assertUnsupported(bytes)
        .hasMessage(
            "m.gguf: is GGUF of version "
                + Integer.toUnsignedString(version)
                + ", supported are 2 and 3");
  }

  @Test
  void namesBigEndianFiles() throws IOException {
    GgufBytes bytes = new GgufBytes();
    bytes.version = 3 << 24;
    assertUnsupported(bytes)
        .hasMessage("m.gguf: is big-endian GGUF of version 3, supported is little-endian");
  }

  @ParameterizedTest
  @ValueSource(longs = {8_193, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void refusesAbsurdCounts(long count) throws IOException {
    GgufBytes tensors = new GgufBytes();
    tensors.extraTensors = count;
    assertUnsupported(tensors)
        .hasMessageContaining("has " + Long.toUnsignedString(count) + " tensors, supported are up");
    GgufBytes keys = new GgufBytes();
    keys.extraKeys = count;
    assertUnsupported(keys).hasMessageContaining("metadata keys, supported are up to 8192");
  }

  @Test
  void refusesCountsPastTheFile() throws IOException {
    GgufBytes tensors = new GgufBytes();
    tensors.extraTensors = 2;
    assertMalformed(tensors).hasMessageContaining("the header says 2 tensors, for which the file");
    GgufBytes keys = new GgufBytes();
    keys.extraKeys = 2;
    assertMalformed(keys).hasMessageContaining("the header says 2 metadata keys, for which");
  }

  @Test
  void refusesKeysWithoutLength() throws IOException {
    assertMalformed(new GgufBytes().key("", 10, 0L))
        .hasMessageContaining("a metadata key has 0 bytes, expected 1 to 65535");
  }

  @ParameterizedTest
  @ValueSource(longs = {65_536, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void refusesHugeKeys(long length) throws IOException {
    assertMalformed(new GgufBytes().rawKey(GgufBytes.bytes(length, new byte[100_000])))
        .hasMessageContaining(Long.toUnsignedString(length) + " bytes, expected 1 to 65535");
  }

  @Test
  void refusesKeysThatAreNotUtf8() throws IOException {
    assertMalformed(
            new GgufBytes().rawKey(GgufBytes.bytes(1L, (byte) 0xff, 0, (byte) 1, new byte[20])))
        .hasMessageContaining("at byte 32, a metadata key is not UTF-8");
  }

  @Test
  void refusesDuplicateKeys() throws IOException {
    assertMalformed(new GgufBytes().number("a", 1).number("b", 1).number("a", 2))
        .hasMessageContaining("duplicate metadata key 'a'");
  }

  @Test
  void refusesUnknownValueTypes() throws IOException {
    assertMalformed(new GgufBytes().key("a", 13, 0L))
        .hasMessageContaining("metadata 'a' has the value type 13, expected 0 to 12");
    assertMalformed(new GgufBytes().key("a", -1, 0L)).hasMessageContaining("type 4294967295");
    assertMalformed(new GgufBytes().key("a", 9, 77, 0L)).hasMessageContaining("type 77");
  }

  @Test
  void refusesTruthValuesPastOne() throws IOException {
    assertMalformed(new GgufBytes().key("a", 7, (byte) 2))
        .hasMessageContaining("metadata 'a' is a truth value of 2, expected 0 or 1");
    assertMalformed(new GgufBytes().key("a", 9, 7, 1L, (byte) 2))
        .hasMessageContaining("metadata 'a' is a truth value of 2");
  }

  @ParameterizedTest
  @ValueSource(longs = {9, 1L << 31, 1L << 32, Long.MAX_VALUE})
  void refusesStringsPastTheFile(long length) throws IOException {
    assertMalformed(new GgufBytes().key("a", 8, length, 0L))
        .hasMessageContaining("needs " + length + " bytes, but only 8 follow: the file is cut");
    assertMalformed(new GgufBytes().key("a", 9, 8, 1L, length, 0L))
        .hasMessageContaining("needs " + length + " bytes, but only 8 follow");
  }

  @Test
  void refusesLengthsPastTwoToThe63() throws IOException {
    assertMalformed(new GgufBytes().key("a", 8, -1L))
        .hasMessageContaining("the length of metadata 'a' is 18446744073709551615, past 2^63");
    assertMalformed(new GgufBytes().key("a", 10, Long.MIN_VALUE))
        .hasMessageContaining("metadata 'a' is 9223372036854775808, past 2^63");
  }

  @ParameterizedTest
  @CsvSource({
    "0,5",
    "4,2",
    "10,1",
    "9,1",
    "8,1",
    "5,4611686018427387905",
    "10,2305843009213693953"
  })
  void refusesArraysPastTheFile(int type, long count) throws IOException {
    assertMalformed(new GgufBytes().key("a", 9, type, count, (short) 0, (short) 0))
        .hasMessageContaining("metadata 'a' is an array of " + count + " elements of")
        .hasMessageContaining("but only 4 bytes follow: the file is cut");
  }

  @Test
  void refusesDeepNesting() throws IOException {
    byte[] nested = new byte[0];
    for (int i = 0; i < 5; i++) {
      nested = GgufBytes.bytes(9, 1L, nested);
    }
    assertMalformed(new GgufBytes().key("a", 9, nested, new byte[64]))
        .hasMessageContaining("metadata 'a' nests arrays past 4 levels");
  }

  @Test
  void refusesArraysThatTakeTooLongToRead() throws IOException {
    Path file = folder.resolve("m.gguf");
    GgufBytes bytes = new GgufBytes().key("a", 9, 7, 3_000_000_000L);
    byte[] head = bytes.header();
    // Sparse: as long as the array says, nothing written.
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(head), 0);
      channel.write(ByteBuffer.wrap(new byte[1]), head.length + 3_000_000_000L);
    }
    assertThatThrownBy(() -> GgufReader.read(file))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(
            "m.gguf: metadata 'a' has 3000000000 elements, supported are 16777216 in all arrays"
                + " together");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 24, -1})
  void refusesAlignmentsThatAreNoPowerOfTwo(int alignment) throws IOException {
    assertMalformed(new GgufBytes().number("general.alignment", alignment))
        .hasMessageContaining("metadata 'general.alignment' is ")
        .hasMessageContaining(", expected a power of two");
  }

  @Test
  void refusesAnAlignmentOfAnotherType() throws IOException {
    assertMalformed(new GgufBytes().text("general.alignment", "32"))
        .hasMessageContaining("is 32, expected an integer from 0 to 4294967295");
  }

  @Test
  void obeysTheAlignment() throws IOException {
    for (int alignment : new int[] {1, 8, 64, 4096}) {
      GgufBytes bytes = new GgufBytes().number("general.alignment", alignment);
      bytes.alignment = alignment;
      bytes.tensor("a", 0, 4, 1).tensor("b", 0, 4, 1);
      for (TensorInfo tensor : read(bytes).tensors().tensors().values()) {
        assertThat(tensor.offset() % alignment).isZero();
      }
    }
    GgufBytes huge = new GgufBytes().number("general.alignment", Integer.MIN_VALUE);
    assertMalformed(huge.entry(entry("a", 0, 0, 1)).data(64))
        .hasMessageContaining("of which there are 0");
  }

  @Test
  void refusesLongTensorNames() throws IOException {
    assertThat(read(with(entry("a".repeat(64), 0, 0, 16))).tensors().tensors()).hasSize(1);
    assertMalformed(with(entry("a".repeat(65), 0, 0, 16)))
        .hasMessageContaining("the name of a tensor has 65 bytes, expected 1 to 64");
    assertMalformed(with(entry("", 0, 0, 16))).hasMessageContaining("has 0 bytes, expected 1");
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 1_000_000, 4_294_967_295L})
  void refusesMoreThanFourDimensions(long dimensions) throws IOException {
    assertMalformed(with(new GgufBytes.Entry("a", dimensions, List.of(1L, 1L, 1L, 1L, 16L), 0, 0)))
        .hasMessageContaining("tensor 'a' has " + dimensions + " dimensions, expected at most 4");
  }

  @Test
  void refusesDimensionsPastTwoToThe63() throws IOException {
    assertMalformed(with(entry("a", 0, 0, -1)))
        .hasMessageContaining("tensor 'a' has a dimension of 18446744073709551615");
  }

  @Test
  void refusesShapesWhoseSizeWraps() throws IOException {
    assertMalformed(with(entry("a", 0, 0, 1L << 32, 1L << 32)))
        .hasMessageContaining("has shape [4294967296, 4294967296], whose size passes 2^63 bytes");
    assertMalformed(with(entry("a", 0, 0, 1L << 62))).hasMessageContaining("passes 2^63 bytes");
    assertMalformed(with(entry("a", 2, 0, Long.MAX_VALUE - 31, 1L << 32)))
        .hasMessageContaining("passes 2^63 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "4, a type that ggml has removed",
    "9, Q8_1",
    "16, IQ2_XXS",
    "39, MXFP4",
    "40, an unknown type",
    "-1, an unknown type"
  })
  void namesTensorTypesThatAreNotSupported(int type, String name) throws IOException {
    assertUnsupported(with(entry("a", type, 0, 32)))
        .hasMessageContaining(
            "tensor 'a' has type "
                + Integer.toUnsignedString(type)
                + " ("
                + name
                + "), supported are F32, F16");
  }

  @Test
  void refusesRowsThatAreNoWholeBlocks() throws IOException {
    assertMalformed(with(entry("a", 8, 0, 33)))
        .hasMessageContaining("rows of 33 elements, expected a multiple of 32 for Q8_0");
    assertMalformed(with(entry("a", 14, 0, 32, 8)))
        .hasMessageContaining("rows of 32 elements, expected a multiple of 256 for Q6_K");
  }

  @Test
  void refusesOffsetsOffTheAlignment() throws IOException {
    assertMalformed(with(entry("a", 0, 4, 1)))
        .hasMessage("m.gguf: tensor 'a' begins at byte 4 of the data, expected a multiple of 32");
  }

  @Test
  void refusesTensorsPastTheFile() throws IOException {
    assertMalformed(with(entry("a", 0, 0, 17)))
        .hasMessage(
            "m.gguf: tensor 'a' has 68 bytes from byte 0 of the data, of which there are 64: the"
                + " file is cut, download it again");
    for (long offset : new long[] {64, 1L << 31, 1L << 32, Long.MAX_VALUE - 31}) {
      assertMalformed(with(entry("a", 0, offset, 1)))
          .hasMessageContaining("from byte " + offset + " of the data, of which there are 64");
    }
    assertMalformed(with(entry("a", 0, 1L << 63, 1))).hasMessageContaining("past 2^63");
  }

  @Test
  void refusesDuplicateTensors() throws IOException {
    assertMalformed(new GgufBytes().tensor("a", 0, 4, 1).tensor("a", 0, 4, 1))
        .hasMessage("m.gguf: tensor 'a' is listed twice");
  }

  @Test
  void refusesTensorsThatOverlap() throws IOException {
    assertMalformed(with(entry("b", 0, 32, 8)).entry(entry("a", 0, 0, 16)))
        .hasMessage("m.gguf: tensors 'a' and 'b' overlap at byte 32 of the data");
  }

  @Test
  void refusesBytesThatBelongToNoTensor() throws IOException {
    assertMalformed(with(entry("a", 0, 32, 8)))
        .hasMessage("m.gguf: bytes 0 to 32 of the data belong to no tensor");
    assertMalformed(with(entry("a", 0, 0, 8)))
        .hasMessage("m.gguf: bytes 32 to 64 of the data belong to no tensor");
    assertThat(read(with(entry("a", 0, 0, 9))).tensors().tensors()).hasSize(1);
  }

  @Test
  void takesTensorsInAnyOrder() throws IOException {
    GgufBytes bytes = with(entry("b", 0, 32, 8)).entry(entry("a", 0, 0, 8));
    assertThat(read(bytes).tensors().tensors().keySet()).containsExactly("b", "a");
  }

  @Test
  void takesScalarsAndEmptyTensors() throws IOException {
    GgufBytes bytes = new GgufBytes().tensor("scalar", 0, 4).tensor("empty", 0, 0, 4, 0);
    List<TensorInfo> tensors = List.copyOf(read(bytes).tensors().tensors().values());
    assertThat(tensors.get(0).elements()).isEqualTo(1);
    assertThat(tensors.get(1).elements()).isZero();
  }

  @Test
  void refusesAFileThatIsCutAnywhereInTheHeader() throws IOException {
    byte[] whole = new GgufBytes().gpt2().texts("t", "a", "b").tensor("a", 0, 64, 16).file();
    assertThat(new String(whole, StandardCharsets.ISO_8859_1)).startsWith("GGUF");
    for (int length = 4; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length), MalformedCheckpointException.class);
    }
  }
}
