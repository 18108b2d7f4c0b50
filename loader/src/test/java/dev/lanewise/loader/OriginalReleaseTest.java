package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GPT-1 as it was released in 2018, and the arrays that it is made of. */
class OriginalReleaseTest {

  private static final String HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @TempDir private Path folder;

  private void copyRelease() throws IOException {
    try (Stream<Path> files = Files.list(Fixtures.original())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(Objects.requireNonNull(file.getFileName())));
      }
    }
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 4}");
  }

  private static MemorySegment bytes(Floats floats) {
    return floats.segment().asSlice(floats.offset(), floats.length() * 4L);
  }

  private static byte[] npy(int major, String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + (major == 1 ? 2 : 4) + text.length + dataBytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put("\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1))
            .put((byte) major)
            .put((byte) 0);
    return (major == 1 ? bytes.putShort((short) text.length) : bytes.putInt(text.length))
        .put(text)
        .array();
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertArrayRefused(byte[] content)
      throws IOException {
    Path file = Files.write(folder.resolve("params_0.npy"), content);
    return assertThatThrownBy(() -> NpyReader.read(file)).hasMessageStartingWith("params_0.npy: ");
  }

  @Test
  void holdsTheWeightsOfTheOtherFormat() throws IOException {
    copyRelease();
    for (Path path :
        new Path[] {folder, folder.resolve("params_shapes.json"), folder.resolve("params_3.npy")}) {
      ModelConfig config = ModelConfig.read(path);
      try (Checkpoint release = Checkpoint.open(path);
          Checkpoint reference = Checkpoint.open(Fixtures.model("openai-gpt-lm"));
          Arena arena = Arena.ofConfined()) {
        assertThat(release.format()).isEqualTo("NumPy arrays of the 2018 release");
        assertThat(release.description()).isEqualTo("10 arrays beside params_shapes.json");
        GptTensors tensors = GptTensors.of(release, config);
        assertThat(tensors.unused()).isEmpty();
        for (TensorInfo tensor : release.tensors().values()) {
          TensorInfo same =
              Objects.requireNonNull(reference.tensors().get("transformer." + tensor.name()));
          assertThat(tensor.shape()).isEqualTo(same.shape());
          assertThat(release.data(tensor).isReadOnly()).isTrue();
          assertThat(
                  bytes(release.floats(tensor, arena))
                      .mismatch(bytes(reference.floats(same, arena))))
              .as(tensor.name())
              .isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void readsTheConfigurationFromTheShapes() throws IOException {
    copyRelease();
    ModelConfig config = ModelConfig.read(folder);
    assertThat(config)
        .usingRecursiveComparison()
        .ignoringFields("json", "modelClass")
        .isEqualTo(ModelConfig.read(Fixtures.model("openai-gpt-lm")));
    assertThat(Inspection.of(folder).problems()).isEmpty();
    assertThat(Inspection.of(folder).architecture()).isEqualTo("openai-gpt");
  }

  @Test
  void asksForTheHeadsOfAnotherWidth() throws IOException {
    copyRelease();
    Files.delete(folder.resolve("config.json"));
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(IncompatibleCheckpointException.class)
        .hasMessageContaining("the model is 48 wide, not 768 as the release")
        .hasMessageContaining("put {\"n_head\": N} into config.json");
  }

  /** One matrix for tokens and positions, tokens first, as fine-tuned models were stored. */
  private void writeReleaseOfOneEmbedding() throws IOException {
    StringBuilder shapes = new StringBuilder("[[9, 4]");
    String block = ", [1,4,12],[12],[1,4,4],[4],[4],[4],[1,4,16],[16],[1,16,4],[4],[4],[4]";
    Files.writeString(folder.resolve("params_shapes.json"), shapes.append(block) + "]");
    Files.writeString(folder.resolve("encoder_bpe_40000.json"), "{\"a\":0,\"b\":1,\"c\":2}");
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 2}");
    int floats = 36 + 48 + 12 + 16 + 4 + 8 + 64 + 16 + 64 + 4 + 8;
    for (int i = 0; i < 3; i++) {
      int count = i < 2 ? 100 : floats - 200;
      Files.write(
          folder.resolve("params_" + i + ".npy"),
          npy(1, HEADER.replace("2,", count + ","), 4 * count));
    }
  }

  @Test
  void cutsAnEmbeddingThatHoldsPositionsToo() throws IOException {
    writeReleaseOfOneEmbedding();
    assertThat(ModelConfig.read(folder).vocabSize()).isEqualTo(3);
    assertThat(ModelConfig.read(folder).nPositions()).isEqualTo(6);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      GptTensors tensors = GptTensors.of(checkpoint, ModelConfig.read(folder));
      assertThat(tensors.tokenEmbedding().shape()).containsExactly(3L, 4L);
      assertThat(tensors.positionEmbedding().offset())
          .isEqualTo(tensors.tokenEmbedding().offset() + 48);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "9 ~ params_shapes.json: the one embedding has shape [9, 4], expected a row for each of the"
            + " 9 tokens and more for the positions",
        "9223372036854775807 ~ params_shapes.json: the one embedding has shape [9, 4], expected a"
            + " row for each of the 9223372036854775807 tokens and more for the positions",
        "0 ~ config.json: 'vocab_size' is the number 0, expected a number of tokens, at least 1",
        "-1 ~ config.json: 'vocab_size' is the number -1, expected a number of tokens, at least"
            + " 1",
        "-9223372036854775808 ~ config.json: 'vocab_size' is the number -9223372036854775808,"
            + " expected a number of tokens, at least 1"
      })
  void refusesTokensThatLeaveNoRow(String tokens, String sentence) throws IOException {
    writeReleaseOfOneEmbedding();
    Files.writeString(
        folder.resolve("config.json"), "{\"n_head\": 2, \"vocab_size\": " + tokens + "}");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage(sentence);
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage(sentence);
  }

  @Test
  void refusesAVocabularyWithoutTokensBesideOneEmbedding() throws IOException {
    writeReleaseOfOneEmbedding();
    Files.writeString(folder.resolve("encoder_bpe_40000.json"), "{}");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessage("encoder_bpe_40000.json: is empty, expected the tokens of the one embedding");
  }

  /** The second attention matrix lies in the first two of the three arrays. */
  @Test
  void joinsATensorOfTwoFilesWhenItIsAskedFor() throws IOException {
    writeReleaseOfOneEmbedding();
    fillWithTheirOffsets();
    Path second = folder.resolve("params_1.npy");
    byte[] whole = Files.readAllBytes(second);
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Arena arena = Arena.ofConfined()) {
      TensorInfo joined =
          Objects.requireNonNull(checkpoint.tensors().get("h.0.attn.c_proj.weight"));
      Files.write(second, Arrays.copyOf(whole, whole.length - 1));
      String message = "params_1.npy: changed its size while it was opened";
      assertThatThrownBy(() -> checkpoint.data(joined)).hasRootCauseMessage(message);
      assertThatThrownBy(() -> checkpoint.map(joined, arena)).hasMessage(message);
      assertThatThrownBy(() -> checkpoint.floats(joined, arena)).hasMessage(message);
      Files.write(second, whole);
      float[] expected = new float[16];
      for (int i = 0; i < 16; i++) {
        expected[i] = 96 + i;
      }
      assertThat(bytes(checkpoint.floats(joined, arena)).toArray(FLOAT)).isEqualTo(expected);
      assertThat(checkpoint.map(joined, arena).toArray(FLOAT)).isEqualTo(expected);
      MemorySegment data = checkpoint.data(joined);
      assertThat(data.toArray(FLOAT)).isEqualTo(expected);
      assertThat(data.isReadOnly()).isTrue();
      assertThat(checkpoint.data(joined)).isEqualTo(data);
      assertThat(checkpoint.floats(joined, arena).segment()).isEqualTo(data);
    }
  }

  /** Each float says which of the release's it is. */
  private void fillWithTheirOffsets() throws IOException {
    float next = 0;
    for (int i = 0; i < 3; i++) {
      Path file = folder.resolve("params_" + i + ".npy");
      ByteBuffer array = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      for (int at = (int) NpyReader.read(file).dataStart(); at < array.limit(); at += 4) {
        array.putFloat(at, next++);
      }
      Files.write(file, array.array());
    }
  }

  @Test
  void namesAMissingArray() throws IOException {
    copyRelease();
    Files.delete(folder.resolve("params_4.npy"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("params_4.npy: this array is missing, beside params_shapes.json");
    Files.writeString(folder.resolve("params_4.npy"), "version https://git-lfs");
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .hasMessageContaining("params_4.npy: is a Git LFS pointer");
  }

  @Test
  void refusesArraysThatDoNotFillTheShapes() throws IOException {
    copyRelease();
    Files.delete(folder.resolve("params_9.npy"));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("floats, but the arrays hold ");
  }

  @Test
  void refusesArraysOfMixedTypes() throws IOException {
    copyRelease();
    Files.write(folder.resolve("params_9.npy"), npy(1, HEADER.replace("f4", "f8"), 16));
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessage("params_9.npy: holds F64, the first array F32");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "{} ~ expected an array",
        "[[64, 48]] ~ lists 1 shapes, expected one or two embeddings and twelve for each block",
        "[[0]] ~ expected a size from 1 to 16777216",
        "[[16777217]] ~ expected a size from 1 to 16777216",
        "[[2, 3, 4]] ~ expected a shape of one or two sizes",
        "[[]] ~ expected a shape of one or two sizes",
        "[[\"1\"]] ~ expected"
      })
  void refusesOtherShapes(String shapes, String words) throws IOException {
    copyRelease();
    Files.writeString(folder.resolve("params_shapes.json"), shapes);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageStartingWith("params_shapes.json: ")
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void readsEveryVersionOfAnArray(int major) throws IOException {
    Path file = Files.write(folder.resolve("a.npy"), npy(major, HEADER + "  \n", 8));
    NpyReader array = NpyReader.read(file);
    assertThat(array.shape()).isEqualTo(List.of(2L));
    assertThat(array.fileBytes() - array.dataStart()).isEqualTo(8);
    Files.write(file, npy(major, HEADER.replace("(2,)", "(1, 2)"), 8));
    assertThat(NpyReader.read(file).shape()).containsExactly(1L, 2L);
    Files.write(file, npy(major, HEADER.replace("(2,)", "()"), 4));
    assertThat(NpyReader.read(file).shape()).isEmpty();
  }

  @Test
  void refusesBrokenArrays() throws IOException {
    assertArrayRefused("not numpy".getBytes(StandardCharsets.UTF_8))
        .hasMessageContaining("does not begin as a NumPy array");
    assertArrayRefused(npy(4, HEADER, 8))
        .isInstanceOf(UnsupportedCheckpointException.class)
        .hasMessageContaining("format 4.0, supported are 1 to 3");
    assertArrayRefused(npy(1, "{'descr': '<f4'}", 8))
        .hasMessageContaining("expected 'descr', 'fortran_order' and 'shape'");
    assertArrayRefused(npy(1, HEADER.replace("False", "True"), 8))
        .hasMessageContaining("Fortran order");
    for (String type : new String[] {"'>f4'", "'|O'", "'<i8'", "[('a', '<f4')]"}) {
      assertArrayRefused(npy(1, HEADER.replace("'<f4'", type), 8))
          .isInstanceOf(UnsupportedCheckpointException.class)
          .hasMessageContaining("holds elements of type ");
    }
    assertArrayRefused(npy(1, HEADER.replace("2,", "2,,3"), 8))
        .hasMessageContaining("expected sizes");
    assertArrayRefused(npy(1, HEADER.replace("2,", "9".repeat(19) + ","), 8))
        .hasMessageContaining("expected sizes");
    assertArrayRefused(npy(1, HEADER.replace("2,", "9".repeat(18) + ", " + "9".repeat(18)), 8))
        .hasMessageContaining("whose size passes 2^63 bytes");
    assertArrayRefused(npy(1, HEADER, 7)).hasMessageContaining("has 7 bytes of data, expected 8");
    assertArrayRefused(npy(1, HEADER, 9)).hasMessageContaining("has 9 bytes of data, expected 8");
    byte[] whole = npy(2, HEADER, 8);
    for (int length = 0; length < whole.length; length++) {
      assertArrayRefused(Arrays.copyOf(whole, length))
          .isInstanceOf(MalformedCheckpointException.class);
    }
    ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -1);
    assertArrayRefused(whole).hasMessageContaining("the header has 4294967295 bytes");
  }
}
