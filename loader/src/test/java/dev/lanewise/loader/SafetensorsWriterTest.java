package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private static SafetensorsWriter.Tensor tensor(
      String name, DType type, byte[] data, long... shape) {
    return new SafetensorsWriter.Tensor(
        name,
        type,
        Arrays.stream(shape).boxed().toList(),
        sink -> {
          int half = data.length / 2;
          sink.write(MemorySegment.ofArray(data).asSlice(0, half));
          sink.write(MemorySegment.ofArray(data).asSlice(half));
        });
  }

  private static TensorInfo tensor(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.tensors().get(name));
  }

  private static byte[] bytes(int n) {
    byte[] bytes = new byte[n];
    for (int i = 0; i < n; i++) {
      bytes[i] = (byte) (31 * i + n);
    }
    return bytes;
  }

  @Test
  void theReaderFindsWhatWasWritten() throws IOException {
    SafetensorsWriter.write(
        file(),
        List.of(
            tensor("floats", DType.F32, bytes(24), 2, 3),
            tensor("blocks \"8\"", DType.Q8_0, bytes(5 * 2 * 34), 5, 64),
            tensor("blocks4", DType.Q4_0, bytes(3 * 18), 3, 32),
            tensor("rows", DType.I8A8, bytes(3 * (4 + 7)), 3, 7),
            tensor("nothing", DType.F16, bytes(0), 0, 7)),
        Map.of("by", "a test"));
    try (Checkpoint checkpoint = Checkpoint.open(file())) {
      assertThat(checkpoint.metadata()).containsEntry("by", "a test");
      TensorInfo blocks = tensor(checkpoint, "blocks \"8\"");
      assertThat(blocks.dtype()).isEqualTo(DType.Q8_0);
      assertThat(blocks.shape()).containsExactly(5L, 64L);
      assertThat(checkpoint.data(blocks).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(340));
      TensorInfo floats = tensor(checkpoint, "floats");
      assertThat(floats.dtype()).isEqualTo(DType.F32);
      assertThat(floats.offset() % 64).isZero();
      assertThat(checkpoint.data(floats).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(24));
      assertThat(tensor(checkpoint, "blocks4").dtype()).isEqualTo(DType.Q4_0);
      assertThat(tensor(checkpoint, "rows").dtype()).isEqualTo(DType.I8A8);
      assertThat(tensor(checkpoint, "rows").shape()).containsExactly(3L, 7L);
      assertThat(tensor(checkpoint, "nothing").bytes()).isZero();
    }
  }

  /** Each row its scale times its bytes. */
  @Test
  void rowsWithScalesAreWidened() throws IOException {
    ByteBuffer rows = ByteBuffer.allocate(2 * (4 + 3)).order(ByteOrder.LITTLE_ENDIAN);
    rows.putFloat(0.5f).put(new byte[] {1, -128, 127});
    rows.putFloat(-2f).put(new byte[] {0, 3, -1});
    SafetensorsWriter.write(
        file(), List.of(tensor("rows", DType.I8_SCALED, rows.array(), 2, 3)), Map.of());
    try (Checkpoint checkpoint = Checkpoint.open(file());
        Arena arena = Arena.ofConfined()) {
      Floats floats = checkpoint.floats(tensor(checkpoint, "rows"), arena);
      assertThat(floats.segment().toArray(ValueLayout.JAVA_FLOAT))
          .containsExactly(0.5f, -64f, 63.5f, -0f, -6f, 2f);
    }
  }

  @Test
  void overwritesNothing() throws IOException {
    SafetensorsWriter.write(file(), List.of(), Map.of());
    assertThatThrownBy(() -> SafetensorsWriter.write(file(), List.of(), Map.of()))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void aTensorOfAnotherSizeIsAnError() {
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(
                    file(), List.of(tensor("a", DType.F32, bytes(8), 3)), Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tensor 'a' was given 8 bytes, has 12");
  }

  private void assertRefused(String value, String dtype, int bytes, String message)
      throws IOException {
    String header =
        "{\"__metadata__\":{\"quantized:w\":\"%s\"},\"w\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(value, dtype, bytes, bytes);
    SafetensorsFile.write(file(), header, new byte[bytes]);
    assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Q8_0",
        "Q8_0 [2]",
        "Q8_0 [1, 32] ",
        "Q9_0 [1, 32]",
        "Q8_0 [-1, 32]",
        "Q8_0 [1,32]",
        "F32 [1, 32]",
        "Q8_0 [1, 2, 16]",
        "Q8_0 [10000000000, 32]"
      })
  void anEntryOfAnotherFormIsRefused(String value) throws IOException {
    assertRefused(
        value,
        "U8",
        34,
        "expected Q8_0, Q4_0, I8_SCALED or I8A8 and a shape, as in 'Q8_0 [2304, 768]'");
  }

  @Test
  void anEntryThatDoesNotFitItsBytesIsRefused() throws IOException {
    assertRefused("Q8_0 [2, 32]", "U8", 34, "has 34 bytes, expected 68 for Q8_0 [2, 32]");
    assertRefused(
        "Q8_0 [1, 48]", "U8", 51, "expected U8 for Q8_0 [1, 48] with rows of whole blocks");
    assertRefused("I8_SCALED [2, 32]", "U8", 64, "has 64 bytes, expected 72 for I8_SCALED");
    assertRefused("Q8_0 [1, 32]", "I8", 34, "holds I8, expected U8");
    assertRefused("Q4_0 [999999999, 999999968]", "U8", 18, "has 18 bytes, expected");
  }

  @Test
  void anEntryWithoutATensorIsRefused() throws IOException {
    SafetensorsFile.write(
        file(), "{\"__metadata__\":{\"quantized:w\":\"Q8_0 [1, 32]\"}}", new byte[0]);
    assertThatThrownBy(() -> Checkpoint.open(file()))
        .isInstanceOf(MalformedCheckpointException.class)
        .hasMessageContaining("the metadata 'quantized:w' is about no tensor");
  }
}
