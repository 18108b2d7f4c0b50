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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeFileTest {

  /** Bytes of the first tensor: more than 2^32, and not a multiple of a page. */
  private static final long FIRST = (1L << 32) + 20;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  /** Sparse: only the ends are written. */
  private static void write(Path file, byte[] head, long tailAt, byte[] tail) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(head), 0);
      channel.write(ByteBuffer.wrap(tail), tailAt);
    }
  }

  /** The tensor "last" of two floats, which lies past 4 GiB. */
  private static void assertLast(Path file, String name) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(file);
        Arena arena = Arena.ofConfined()) {
      TensorInfo last = Objects.requireNonNull(checkpoint.tensors().get(name));
      assertThat(last.offset()).isGreaterThan(1L << 32);
      Floats floats = checkpoint.floats(last, arena);
      assertThat(floats.length()).isEqualTo(2);
      assertThat(floats.segment().get(FLOAT, floats.offset())).isEqualTo(1.25f);
      assertThat(floats.segment().get(FLOAT, floats.offset() + 4)).isEqualTo(-3f);
    }
  }

  @Test
  void readsAGgufTensorPastFourGigabytes(@TempDir Path folder) throws IOException {
    long first = FIRST - FIRST % 32 + 32;
    byte[] head =
        new GgufBytes()
            .gpt2()
            .entry(new GgufBytes.Entry("big", 1, List.of(first / 2), 1, 0))
            .entry(new GgufBytes.Entry("last", 1, List.of(2L), 0, first))
            .header();
    long data = (head.length + 31L) / 32 * 32;
    Path file = folder.resolve("model.gguf");
    write(file, head, data + first, floats(1.25f, -3f));
    assertLast(file, "last");
  }

  @Test
  void readsAnEntryOfAZip64ArchivePastFourGigabytes(@TempDir Path folder) throws IOException {
    String big = "archive/data/0";
    byte[] head = new ZipBytes().add(big, new byte[0]).bytes();
    long start = 30L + big.length(); // of the data behind their own header
    PickleBytes pickle = PickleBytes.start().op('}');
    pickle.text("big").begin().storage("HalfStorage", "0", FIRST / 2);
    pickle.rest(0, new long[] {FIRST / 2}, new long[] {1}).op('s');
    pickle.text("last").floats("1", 2).op('s', '.');
    ZipBytes rest =
        new ZipBytes()
            .add(big, new byte[0])
            .add("archive/data.pkl", pickle.bytes())
            .add("archive/data/1", floats(1.25f, -3f));
    rest.base = start + FIRST;
    rest.end64 = true;
    for (int i = 0; i < 3; i++) {
      rest.entry(i).sizes64 = true;
    }
    ZipBytes.Entry first = rest.entry(0);
    first.header = 0;
    first.bytes = FIRST;
    first.packed = FIRST;
    Path file = folder.resolve("pytorch_model.bin");
    write(file, Arrays.copyOf(head, (int) start), rest.base, rest.bytes());
    assertLast(file, "last");
  }

  /** An embedding of 2^24 tokens, 66 wide. */
  @Test
  void readsAnArrayOfTheReleasePastFourGigabytes(@TempDir Path folder) throws IOException {
    int tokens = 1 << 24;
    long block = 66 * 198 + 198 + 66 * 66 + 66 + 2 * 66 + 66 * 2 + 2 + 2 * 66 + 66 + 2 * 66;
    long count = 8 * 66 + tokens * 66L + block;
    Files.writeString(
        folder.resolve("params_shapes.json"),
        "[[8,66],[%d,66],[1,66,198],[198],[1,66,66],[66],[66],[66],[1,66,2],[2],[1,2,66],[66],[66],[66]]"
            .formatted(tokens));
    Files.writeString(folder.resolve("config.json"), "{\"n_head\": 2}");
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }".formatted(count);
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] head =
        ByteBuffer.allocate(10 + text.length)
            .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0})
            .put(text)
            .array();
    // The bias of the feed-forward layer, and what comes after it.
    int after = 2 * 66 + 66 + 2 * 66;
    float[] tail = new float[2 + after];
    tail[0] = 1.25f;
    tail[1] = -3f;
    long end = head.length + 4 * count;
    write(folder.resolve("params_0.npy"), head, end - 4L * tail.length, floats(tail));
    assertLast(folder, "h.0.mlp.c_fc.bias");
  }

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
    write(file, head, head.length + FIRST, floats(1.25f, -3f));
    try (Checkpoint checkpoint = Checkpoint.open(folder);
        Arena arena = Arena.ofConfined()) {
      TensorInfo last = checkpoint.tensors().lastEntry().getValue();
      assertThat(last.offset()).isGreaterThan(1L << 32);
      Floats floats = checkpoint.floats(last, arena);
      assertThat(floats.segment().get(FLOAT, floats.offset())).isEqualTo(1.25f);
      assertThat(floats.segment().get(FLOAT, floats.offset() + 4)).isEqualTo(-3f);
      TensorInfo big = checkpoint.tensors().firstEntry().getValue();
      assertThat(checkpoint.data(big).byteSize()).isEqualTo(FIRST);
      assertThatThrownBy(() -> checkpoint.floats(big, arena))
          .isInstanceOf(UnsupportedCheckpointException.class)
          .hasMessageContaining("tensor 'big' has 2147483658 elements, supported are up to");
      assertThat(Inspection.of(file).parameters()).isEqualTo(FIRST / 2 + 2);
    }
  }
}
