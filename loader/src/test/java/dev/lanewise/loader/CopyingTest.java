package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checkpoints whose tensors are read instead of mapped. */
class CopyingTest {

  @TempDir private Path dir;

  static List<Path> checkpoints() throws IOException {
    List<Path> all = new ArrayList<>(Fixtures.models());
    all.add(Fixtures.original());
    for (String type : new String[] {"F32", "BF16", "Q4_0", "mixed"}) {
      all.add(Fixtures.gguf("gpt2-tiny-" + type + ".gguf"));
    }
    return all;
  }

  private static byte[] bytes(Floats floats) {
    MemorySegment all = floats.segment();
    return all.asSlice(floats.offset(), floats.length() * 4L).toArray(ValueLayout.JAVA_BYTE);
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void givesTheSameTensors(Path path) throws IOException {
    try (Checkpoint mapped = Checkpoint.open(path);
        Checkpoint copied = Checkpoint.openCopying(path);
        Arena arena = Arena.ofConfined()) {
      assertThat(copied.tensors()).isEqualTo(mapped.tensors()).isNotEmpty();
      for (TensorInfo tensor : mapped.tensors().values()) {
        MemorySegment data = copied.data(tensor);
        assertThat(data.mismatch(mapped.data(tensor))).as(tensor.name()).isEqualTo(-1);
        assertThat(data.isReadOnly()).isTrue();
        assertThat(data.isMapped()).isFalse();
        assertThat(copied.map(tensor, arena).isMapped()).isFalse();
        assertThat(bytes(copied.floats(tensor, arena)))
            .isEqualTo(bytes(mapped.floats(tensor, arena)));
      }
    }
  }

  private Path twoTensors() throws IOException {
    Path file = dir.resolve("model.safetensors");
    byte[] data = new byte[4096];
    Arrays.fill(data, (byte) 7);
    SafetensorsWriter.Tensor a = tensor("a", data);
    SafetensorsWriter.write(file, List.of(a, tensor("b", data)), Map.of());
    return file;
  }

  private static SafetensorsWriter.Tensor tensor(String name, byte[] data) {
    return new SafetensorsWriter.Tensor(
        name,
        DType.F32,
        List.of(data.length / 4L),
        sink -> sink.write(MemorySegment.ofArray(data)));
  }

  private static TensorInfo tensor(Checkpoint checkpoint, String name) {
    return Objects.requireNonNull(checkpoint.tensors().get(name));
  }

  /** A mapping would end the JVM here. */
  @Test
  void whatWasReadOutlivesItsFile() throws IOException {
    Path file = twoTensors();
    try (Checkpoint checkpoint = Checkpoint.openCopying(file);
        Arena arena = Arena.ofConfined()) {
      Floats read = checkpoint.floats(tensor(checkpoint, "a"), arena);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      assertThat(bytes(read)).containsOnly(7).hasSize(4096);
      assertThat(checkpoint.data(tensor(checkpoint, "a")).toArray(ValueLayout.JAVA_BYTE))
          .containsOnly(7);
      TensorInfo unread = tensor(checkpoint, "b");
      String message = "model.safetensors: changed its size while it was opened";
      assertThatThrownBy(() -> checkpoint.floats(unread, arena))
          .isInstanceOf(MalformedCheckpointException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> checkpoint.map(unread, arena))
          .isInstanceOf(MalformedCheckpointException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> checkpoint.data(unread))
          .isInstanceOf(UncheckedIOException.class)
          .hasRootCauseMessage(message);
      Files.delete(file);
      assertThatThrownBy(() -> checkpoint.floats(unread, arena)).isInstanceOf(IOException.class);
    }
  }
}
