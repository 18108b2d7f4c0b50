package dev.lanewise.loader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsReaderTest {

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private static String entry(String dtype, String shape, long begin, long end) {
    return SafetensorsFile.entry(dtype, shape, begin, end);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      String header, int dataBytes) throws IOException {
    SafetensorsFile.write(file(), header, new byte[dataBytes]);
    return assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(MalformedCheckpointException.class);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertLengthRefused(
      long headerLength, String header) throws IOException {
    Files.write(file(), SafetensorsFile.bytes(headerLength, header.getBytes(UTF_8), new byte[0]));
    return assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(MalformedCheckpointException.class);
  }

  private void assertLoads(String header, int dataBytes, int tensors) throws IOException {
    SafetensorsFile.write(file(), header, new byte[dataBytes]);
    try (Checkpoint checkpoint = Checkpoint.open(file())) {
      assertThat(checkpoint.tensors()).hasSize(tensors);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7})
  void refusesAFileShorterThanItsLengthField(int bytes) throws IOException {
    Files.write(file(), new byte[bytes]);
    assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage(
            "model.safetensors: has " + bytes + " bytes, expected at least 8: the file is cut");
  }

  @Test
  void refusesAHeaderLengthThatIsNegativeAsASignedNumber() throws IOException {
    assertLengthRefused(Long.MIN_VALUE + 5, "{}")
        .hasMessage(
            "model.safetensors: the header length is 9223372036854775813, expected at most"
                + " 100000000: this is not a safetensors file, or it is damaged");
  }

  @Test
  void refusesAHeaderLengthPastTheLimit() throws IOException {
    assertLengthRefused(100_000_001, "{}")
        .hasMessageContaining("the header length is 100000001, expected at most 100000000");
  }

  @Test
  void refusesAHeaderLengthPastTheEndOfTheFile() throws IOException {
    assertLengthRefused(5000, "{}")
        .hasMessage(
            "model.safetensors: the header length is 5000, but only 2 bytes follow: the file is"
                + " cut");
  }

  @Test
  void refusesAnEmptyHeader() throws IOException {
    assertLengthRefused(0, "").hasMessageContaining("the header length is 0, expected at least 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {" {}", "[]", "null", "\n{}"})
  void refusesAHeaderThatDoesNotBeginWithABrace(String header) throws IOException {
    assertRefused(header, 0).hasMessageContaining("the header begins with byte");
  }

  @Test
  void refusesInvalidUtf8() throws IOException {
    byte[] header = "{\"?\":1}".getBytes(UTF_8);
    header[2] = (byte) 0xff;
    SafetensorsFile.write(file(), header, new byte[0]);
    assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("model.safetensors: invalid UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"a\"", "{\"a\":", "{\"a\":{}", "{x}", "{\"a\":1,}", "{'a':1}"})
  void refusesInvalidJson(String header) throws IOException {
    assertRefused(header, 0).hasMessageStartingWith("model.safetensors: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}{}", "{} x", "{}\u0000", "{}]", "{} 1"})
  void refusesAnythingButSpaceAfterTheHeader(String header) throws IOException {
    assertRefused(header, 0);
  }

  @Test
  void acceptsSpaceAfterTheHeader() throws IOException {
    assertLoads("{\"a\":" + entry("F32", "[2]", 0, 8) + "}      ", 8, 1);
  }

  @Test
  void acceptsNoTensors() throws IOException {
    assertLoads("{}", 0, 0);
    assertLoads("{\"__metadata__\":{}}", 0, 0);
  }

  @Test
  void refusesDuplicateTensors() throws IOException {
    assertRefused(
            "{\"a\":" + entry("F32", "[2]", 0, 8) + ",\"a\":" + entry("F32", "[2]", 8, 16) + "}",
            16)
        .hasMessageContaining("duplicate key 'a'");
  }

  @Test
  void refusesDuplicateKeysOfATensor() throws IOException {
    String rest = ",\"shape\":[2],\"data_offsets\":[0,8]}}";
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"" + rest, 8)
        .hasMessageContaining("duplicate key 'dtype' in tensor 'a'");
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]" + rest, 8)
        .hasMessageContaining("duplicate key 'shape' in tensor 'a'");
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]" + rest, 8)
        .hasMessageContaining("duplicate key 'data_offsets' in tensor 'a'");
  }

  @Test
  void refusesDuplicateMetadata() throws IOException {
    assertRefused("{\"__metadata__\":{},\"__metadata__\":{}}", 0)
        .hasMessageContaining("duplicate key '__metadata__'");
    assertRefused("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0)
        .hasMessageContaining("duplicate key 'k' in '__metadata__'");
  }

  @Test
  void refusesMetadataThatIsNotStrings() throws IOException {
    assertRefused("{\"__metadata__\":[]}", 0)
        .hasMessageContaining("'__metadata__' is not an object of strings");
    assertRefused("{\"__metadata__\":null}", 0)
        .hasMessageContaining("'__metadata__' is not an object of strings");
    assertRefused("{\"__metadata__\":{\"format\":1}}", 0)
        .hasMessageContaining("the metadata 'format' is not a string");
    assertRefused("{\"__metadata__\":{\"format\":{\"a\":\"b\"}}}", 0)
        .hasMessageContaining("the metadata 'format' is not a string");
  }

  @Test
  void refusesATensorThatIsNotAnObject() throws IOException {
    assertRefused("{\"a\":[]}", 0).hasMessageContaining("tensor 'a' is not an object");
    assertRefused("{\"a\":null}", 0).hasMessageContaining("tensor 'a' is not an object");
  }

  @Test
  void refusesMissingKeys() throws IOException {
    assertRefused("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8)
        .hasMessageContaining("tensor 'a' has no key 'dtype'");
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8)
        .hasMessageContaining("tensor 'a' has no key 'shape'");
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8)
        .hasMessageContaining("tensor 'a' has no key 'data_offsets'");
  }

  @Test
  void refusesUnknownKeys() throws IOException {
    assertRefused(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"stride\":[1]}}", 8)
        .hasMessageContaining("tensor 'a' has the unknown key 'stride'");
  }

  @Test
  void refusesKeysOfWrongTypes() throws IOException {
    assertRefused("{\"a\":{\"dtype\":1,\"shape\":[2],\"data_offsets\":[0,8]}}", 8)
        .hasMessageContaining("the dtype of tensor 'a' is not a string");
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", 8)
        .hasMessageContaining("the shape of tensor 'a' is not an array");
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":\"0\"}}", 8)
        .hasMessageContaining("the data_offsets of tensor 'a' is not an array");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[2.0]", "[\"2\"]", "[null]", "[[2]]", "[true]", "[2e0]"})
  void refusesASizeThatIsNotAnInteger(String shape) throws IOException {
    assertRefused("{\"a\":" + entry("F32", shape, 0, 8) + "}", 8)
        .hasMessageContaining("the shape of tensor 'a' holds something else than integers");
  }

  @Test
  void refusesNegativeSizes() throws IOException {
    assertRefused("{\"a\":" + entry("F32", "[-2,-1]", 0, 8) + "}", 8)
        .hasMessageContaining("the shape of tensor 'a' holds a negative number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775808", "18446744073709551618", "99999999999999999999"})
  void refusesNumbersPastALong(String number) throws IOException {
    assertRefused("{\"a\":" + entry("F32", "[" + number + "]", 0, 8) + "}", 8)
        .hasMessageContaining("the shape of tensor 'a' holds a number past 2^63");
    assertRefused(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0," + number + "]}}", 8)
        .hasMessageContaining("the data_offsets of tensor 'a' holds a number past 2^63");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[4611686018427387904,8]",
        "[2305843009213693952]",
        "[4294967296,4294967296]",
        "[4294967297,4294967297,4294967297]",
        "[9223372036854775807]"
      })
  void refusesASizeThatOverflows(String shape) throws IOException {
    assertRefused("{\"a\":" + entry("F32", shape, 0, 0) + "}", 0)
        .hasMessageContaining("tensor 'a' has shape")
        .hasMessageContaining("whose size passes 2^63 bytes");
  }

  @Test
  void acceptsHugeSizesBesideAZero() throws IOException {
    String shape = "[4611686018427387904,8,0]";
    SafetensorsFile.write(file(), "{\"a\":" + entry("F32", shape, 0, 0) + "}", new byte[0]);
    try (Checkpoint checkpoint = Checkpoint.open(file());
        Arena arena = Arena.ofConfined()) {
      TensorInfo tensor = checkpoint.tensors().firstEntry().getValue();
      assertThat(tensor.elements()).isZero();
      assertThat(checkpoint.floats(tensor, arena).length()).isZero();
    }
  }

  @Test
  void refusesTooManyDimensions() throws IOException {
    assertLoads("{\"a\":" + entry("F32", "[" + "1,".repeat(63) + "1]", 0, 4) + "}", 4, 1);
    assertRefused("{\"a\":" + entry("F32", "[" + "1,".repeat(64) + "1]", 0, 4) + "}", 4)
        .hasMessageContaining("the shape of tensor 'a' has more than 64 numbers");
  }

  @Test
  void refusesOtherThanTwoOffsets() throws IOException {
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}}", 8)
        .hasMessageContaining("the data_offsets of tensor 'a' are not two numbers");
    assertRefused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", 8)
        .hasMessageContaining("the data_offsets of tensor 'a' has more than 2 numbers");
  }

  @Test
  void refusesReversedOffsets() throws IOException {
    assertRefused("{\"a\":" + entry("F32", "[2]", 8, 0) + "}", 8)
        .hasMessage(
            "model.safetensors: tensor 'a' begins at byte 8 of the data, after its end at 0");
  }

  @Test
  void refusesNegativeOffsets() throws IOException {
    assertRefused("{\"a\":" + entry("F32", "[2]", -8, 0) + "}", 8)
        .hasMessageContaining("the data_offsets of tensor 'a' holds a negative number");
  }

  @ParameterizedTest
  @CsvSource({"F32,7", "F32,9", "F16,8", "F64,8", "U8,8", "I64,8"})
  void refusesASizeThatIsNotThatOfTheShape(String dtype, int bytes) throws IOException {
    assertRefused("{\"a\":" + entry(dtype, "[2]", 0, bytes) + "}", bytes)
        .hasMessageContaining("model.safetensors: tensor 'a' has " + bytes + " bytes, expected")
        .hasMessageContaining("for " + dtype + " [2]");
  }

  @Test
  void refusesDataPastTheEndOfTheFile() throws IOException {
    assertRefused("{\"a\":" + entry("F32", "[2]", 0, 8) + "}", 7)
        .hasMessage(
            "model.safetensors: tensor 'a' ends at byte 8 of the data, of which there are 7: the"
                + " file is cut, download it again");
    long far = Long.MAX_VALUE;
    assertRefused("{\"a\":" + entry("F32", "[2]", far - 8, far) + "}", 8)
        .hasMessageContaining("tensor 'a' ends at byte 9223372036854775807 of the data");
  }

  @Test
  void refusesOverlap() throws IOException {
    assertRefused(
            "{\"a\":" + entry("F32", "[2]", 0, 8) + ",\"b\":" + entry("F32", "[2]", 4, 12) + "}",
            12)
        .hasMessage("model.safetensors: tensors 'a' and 'b' overlap at byte 4 of the data");
    assertRefused(
            "{\"a\":" + entry("F32", "[2]", 0, 8) + ",\"b\":" + entry("F32", "[2]", 0, 8) + "}", 8)
        .hasMessageContaining("tensors 'a' and 'b' overlap at byte 0");
  }

  @Test
  void refusesAGap() throws IOException {
    assertRefused(
            "{\"a\":" + entry("F32", "[2]", 0, 8) + ",\"b\":" + entry("F32", "[2]", 12, 20) + "}",
            20)
        .hasMessage(
            "model.safetensors: bytes 8 to 12 of the data, before tensor 'b', belong to no"
                + " tensor");
    assertRefused("{\"a\":" + entry("F32", "[2]", 4, 12) + "}", 12)
        .hasMessageContaining("bytes 0 to 4 of the data, before tensor 'a', belong to no tensor");
  }

  @Test
  void refusesBytesAfterTheLastTensor() throws IOException {
    assertRefused("{\"a\":" + entry("F32", "[2]", 0, 8) + "}", 9)
        .hasMessage("model.safetensors: 1 bytes at the end of the file belong to no tensor");
    assertRefused("{}", 3).hasMessageContaining("3 bytes at the end");
  }

  @Test
  void refusesAnEmptyTensorInsideAnother() throws IOException {
    assertRefused(
            "{\"a\":" + entry("F32", "[2]", 0, 8) + ",\"b\":" + entry("F32", "[0]", 4, 4) + "}", 8)
        .hasMessageContaining("tensors 'a' and 'b' overlap at byte 4");
  }

  @Test
  void acceptsEmptyTensorsAtTheEdges() throws IOException {
    assertLoads(
        "{\"a\":"
            + entry("F32", "[0]", 0, 0)
            + ",\"b\":"
            + entry("F32", "[2]", 0, 8)
            + ",\"c\":"
            + entry("F32", "[3,0]", 8, 8)
            + "}",
        8,
        3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F8_E4M3", "F8_E5M2", "C64", "F4", "f32", "", "FLOAT"})
  void saysWhichTypesAreSupported(String dtype) throws IOException {
    SafetensorsFile.write(file(), "{\"a\":" + entry(dtype, "[2]", 0, 2) + "}", new byte[2]);
    assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage(
            "model.safetensors: tensor 'a' has dtype '"
                + dtype
                + "', supported are F32, F16, BF16, F64, BOOL, U8, I8, U16, I16, U32, I32, U64,"
                + " I64");
  }

  @Test
  void refusesToReadIntegersAsFloats() throws IOException {
    new SafetensorsFile().tensor("ids", "I64", new byte[16], 2).write(file());
    try (Checkpoint checkpoint = Checkpoint.open(file());
        Arena arena = Arena.ofConfined()) {
      TensorInfo ids = checkpoint.tensors().firstEntry().getValue();
      assertThat(checkpoint.data(ids).byteSize()).isEqualTo(16);
      assertThatThrownBy(() -> checkpoint.floats(ids, arena))
          .isInstanceOf(UnsupportedCheckpointException.class)
          .hasMessage(
              "model.safetensors: tensor 'ids' holds I64, expected one of F32, F16, BF16, F64, or a"
                  + " quantized type");
    }
  }

  @Test
  void readsDataThatIsNotAlignedInAnyOrderOfTheHeader() throws IOException {
    byte[] data = ByteBuffer.allocate(11).order(ByteOrder.LITTLE_ENDIAN).array();
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putFloat(3, 1.5f).putFloat(7, -2.25f);
    String header =
        "{\"z\":" + entry("F32", "[2]", 3, 11) + ",\"a\":" + entry("U8", "[3]", 0, 3) + "}";
    // Whatever the length of the header is: at all eight alignments of the data.
    for (int spaces = 0; spaces < 8; spaces++) {
      SafetensorsFile.write(file(), header + " ".repeat(spaces), data);
      try (Checkpoint checkpoint = Checkpoint.open(file());
          Arena arena = Arena.ofConfined()) {
        assertThat(checkpoint.tensors().sequencedKeySet()).containsExactly("z", "a");
        var floats = checkpoint.floats(checkpoint.tensors().firstEntry().getValue(), arena);
        ValueLayout.OfFloat layout =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        assertThat(floats.segment().get(layout, floats.offset())).isEqualTo(1.5f);
        assertThat(floats.segment().get(layout, floats.offset() + 4)).isEqualTo(-2.25f);
      }
    }
  }

  @Test
  void readsAHeaderOfManyMegabytes() throws IOException {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
    for (int i = 0; i < 100_000; i++) {
      header.append(",\"a.rather.long.name.of.a.tensor.").append(i).append("\":");
      header.append(entry("U8", "[1]", i, i + 1));
    }
    assertLoads(header + "}", 100_000, 100_000);
    header.append(",\"one.more\":").append(entry("U8", "[1]", 100_000, 100_001));
    SafetensorsFile.write(file(), header + "}", new byte[100_001]);
    assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage("model.safetensors: has more than 100000 tensors");
  }

  @Test
  void refusesDeepNestingInTheHeader() throws IOException {
    assertRefused("{\"a\":" + "[".repeat(1_000_000), 0);
    assertRefused("{\"a\":" + "{\"a\":".repeat(500_000), 0);
    assertRefused("{\"__metadata__\":" + "{\"a\":".repeat(500_000), 0);
  }

  @Test
  void keepsErrorsAboutHostileNamesShort() throws IOException {
    String name = "x".repeat(60_000);
    assertRefused("{\"" + name + "\":" + entry("F32", "[2]", 0, 7) + "}", 7)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    assertRefused("{\"a\\n\\u001b[31m\":" + entry("F32", "[2]", 0, 7) + "}", 7)
        .hasMessageContaining("'a\\u000a\\u001b[31m'");
  }
}
