package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeFileTest {

  /** Bytes of the first tensor: more than 2^32, and not a multiple of a page. */
  private static final long FIRST = (1L << 32) + 20;

  @Test
  void readsATensorPastFourGigabytes(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.safetensors");
    String header =
        "{\"big\":"
            + SafetensorsFile.entry("F16", "[" + FIRST / 2 + "]", 0, FIRST)
            + ",\"last\":"
            + SafetensorsFile.entry("F32", "[2,1]", FIRST, FIRST + 8)
            + "}";
    byte[] head =
        SafetensorsFile.bytes(
            header.length(), header.getBytes(StandardCharsets.UTF_8), new byte[0]);
    // Sparse: only the ends are written.
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(head), 0);
      ByteBuffer tail = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(tail.putFloat(1.25f).putFloat(-3f).flip(), head.length + FIRST);
    }
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Arena arena = Arena.ofConfined()) {
      TensorInfo last = checkpoint.tensors().lastEntry().getValue();
      assertThat(last.offset()).isGreaterThan(1L << 32);
      Floats floats = checkpoint.floats(last, arena);
      ValueLayout.OfFloat layout =
          ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
      assertThat(floats.segment().get(layout, floats.offset())).isEqualTo(1.25f);
      assertThat(floats.segment().get(layout, floats.offset() + 4)).isEqualTo(-3f);
      TensorInfo big = checkpoint.tensors().firstEntry().getValue();
      assertThat(checkpoint.data(big).byteSize()).isEqualTo(FIRST);
      assertThatThrownBy(() -> checkpoint.floats(big, arena))
          .isInstanceOf(UnsupportedCheckpointException.class)
          .hasMessageContaining("tensor 'big' has 2147483658 elements, supported are up to");
      assertThat(Inspection.of(file).parameters()).isEqualTo(FIRST / 2 + 2);
    }
  }
}
