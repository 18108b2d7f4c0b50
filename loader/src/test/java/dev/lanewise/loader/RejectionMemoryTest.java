package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused must not have cost memory out of proportion to the file. */
class RejectionMemoryTest {

  private static final long ALLOWANCE = 16L << 20;

  @TempDir private Path folder;

  private void assertCheaplyRefused(byte[] content) throws IOException {
    assertCheaplyRefused(Files.write(folder.resolve("model.safetensors"), content));
  }

  private static void assertCheaplyRefused(Path file) throws IOException {
    long size = Files.size(file);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Throwable refused = catchThrowable(() -> Checkpoint.open(file).close());
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(refused).isInstanceOf(IOException.class);
    assertThat(allocated).as(refused.getMessage()).isLessThan(size + ALLOWANCE);
  }

  private static byte[] withHeader(String header) {
    return SafetensorsFile.bytes(
        header.length(), header.getBytes(StandardCharsets.ISO_8859_1), new byte[0]);
  }

  @Test
  void aHugeHeaderLengthAllocatesNothing() throws IOException {
    byte[] brace = {'{'};
    for (long length : new long[] {99_999_999, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
      assertCheaplyRefused(SafetensorsFile.bytes(length, brace, new byte[0]));
    }
  }

  @Test
  void longShapesAllocateLittle() throws IOException {
    assertCheaplyRefused(withHeader("{\"a\":{\"shape\":[" + "0,".repeat(10_000_000) + "0]}}"));
  }

  @Test
  void longStringsAllocateLittle() throws IOException {
    assertCheaplyRefused(withHeader("{\"" + "a".repeat(20_000_000) + "\":{}}"));
    assertCheaplyRefused(withHeader("{\"a\":{\"dtype\":\"" + "F".repeat(20_000_000) + "\"}}"));
  }

  @Test
  void longNumbersAllocateLittle() throws IOException {
    assertCheaplyRefused(withHeader("{\"a\":{\"shape\":[" + "1".repeat(20_000_000) + "]}}"));
  }

  @Test
  void deepNestingAllocatesLittle() throws IOException {
    assertCheaplyRefused(withHeader("{\"a\":" + "[".repeat(20_000_000)));
  }

  @Test
  void longSpaceAllocatesLittle() throws IOException {
    assertCheaplyRefused(withHeader("{" + " ".repeat(20_000_000)));
  }

  private void assertCheaplyRefused(GgufBytes bytes) throws IOException {
    assertCheaplyRefused(bytes.write(folder.resolve("model.gguf")));
  }

  @Test
  void hugeGgufCountsAllocateNothing() throws IOException {
    for (long count : new long[] {8_192, 1L << 31, 1L << 32, Long.MAX_VALUE, -1}) {
      GgufBytes bytes = new GgufBytes();
      bytes.extraTensors = count;
      assertCheaplyRefused(bytes);
      bytes = new GgufBytes();
      bytes.extraKeys = count;
      assertCheaplyRefused(bytes);
      assertCheaplyRefused(new GgufBytes().key("a", 8, count));
      assertCheaplyRefused(new GgufBytes().key("a", 9, 4, count));
    }
  }

  @Test
  void manyGgufKeysAllocateLittle() throws IOException {
    GgufBytes bytes = new GgufBytes();
    for (int i = 0; i < 8_191; i++) {
      bytes.key(Integer.toString(i, 36), 0, (byte) 1);
    }
    assertCheaplyRefused(bytes.key("0", 0, (byte) 1));
  }

  @Test
  void manyGgufTensorsAllocateLittle() throws IOException {
    GgufBytes bytes = new GgufBytes().text("general.architecture", "gpt2");
    for (int i = 0; i < 8_191; i++) {
      bytes.tensor(Integer.toString(i, 36), 0, 0, 0);
    }
    assertCheaplyRefused(bytes.tensor("0", 0, 0, 0));
  }

  private void assertCheaplyRefused(BundleBytes bytes) throws IOException {
    assertCheaplyRefused(bytes.write(folder, "model.ckpt"));
  }

  @Test
  void manyTensorFlowNamesAllocateLittle() throws IOException {
    BundleBytes many = new BundleBytes();
    for (int i = 0; i <= TensorBundle.MAX_TENSORS; i++) {
      many.entry("t" + i, BundleBytes.shape(0), 1, 0, 0);
    }
    assertCheaplyRefused(many);
    BundleBytes shapes = new BundleBytes();
    long[] ones = new long[8];
    Arrays.fill(ones, 1L << 40);
    ones[7] = 0;
    for (int i = 0; i <= TensorBundle.MAX_TENSORS; i++) {
      shapes.entry("t" + i, BundleBytes.shape(ones), 1, 0, 0);
    }
    assertCheaplyRefused(shapes);
    BundleBytes names = new BundleBytes();
    names.table.restartInterval = 100_000;
    names.table.entriesPerBlock = 100_000;
    for (int i = 0; i <= TensorBundle.MAX_TENSORS; i++) {
      names.entry("\u0100".repeat(500) + (10_000 + i), BundleBytes.shape(0), 1, 0, 0);
    }
    assertCheaplyRefused(names);
  }

  /** A block of a mebibyte takes 50 kB when it is packed, and there may be many. */
  @Test
  void packedTensorFlowBlocksAllocateLittle() throws IOException {
    TableBytes table = new TableBytes();
    table.entriesPerBlock = 1;
    table.packing = 1;
    table.pack =
        block -> HexFormat.of().parseHex("80804000fe0100".repeat(1) + "fe0100".repeat(16_383));
    for (int i = 0; i < 40; i++) {
      table.entry("t" + i, new byte[0]);
    }
    assertCheaplyRefused(table.write(folder.resolve("m.index")));
  }

  @Test
  void hugeTensorFlowNumbersAllocateNothing() throws IOException {
    for (long value : new long[] {1L << 31, 1L << 32, 1L << 40, Long.MAX_VALUE, -1}) {
      BundleBytes shape = new BundleBytes();
      shape.entry("a", BundleBytes.shape(value), 1, 0, 4);
      assertCheaplyRefused(shape);
      BundleBytes bytes = new BundleBytes();
      bytes.entry("a", BundleBytes.shape(value / 4), 1, 0, value);
      assertCheaplyRefused(bytes);
      BundleBytes length = new BundleBytes();
      length.put("a", new Proto().tag(2, 2).raw(value));
      assertCheaplyRefused(length);
    }
  }

  private void assertCheaplyRefused(PickleBytes pickle) throws IOException {
    Path file = folder.resolve("pytorch_model.bin");
    assertCheaplyRefused(new ZipBytes().add("a/data.pkl", pickle.bytes()).write(file));
  }

  /** The largest that an opcode of one byte makes, as often as is allowed. */
  @Test
  void picklesOfManyValuesAllocateLittle() throws IOException {
    for (int opcode : new int[] {'}', ']', ')', '(', 'N'}) {
      PickleBytes pickle = PickleBytes.start();
      for (int i = 0; i < 200_000; i++) {
        pickle.op(opcode);
      }
      assertCheaplyRefused(pickle);
    }
    PickleBytes nested = PickleBytes.start().op(')');
    PickleBytes numbers = PickleBytes.start().op('(');
    PickleBytes kept = PickleBytes.start().op('N');
    for (int i = 0; i < 200_000; i++) {
      nested.op(0x85);
      numbers.op('M', i, i >> 8);
      kept.op('r').number(i % 149_999, 4);
    }
    assertCheaplyRefused(nested);
    assertCheaplyRefused(numbers);
    assertCheaplyRefused(kept);
  }

  @Test
  void picklesOfLargeDictsAllocateLittle() throws IOException {
    PickleBytes dict = PickleBytes.start().op('}', '(');
    for (int i = 0; i < 74_000; i++) {
      dict.op('J').number(i, 4).op('N');
    }
    assertCheaplyRefused(dict.op('u', 'N', '.'));
  }

  @Test
  void picklesOfLongTextsAllocateLittle() throws IOException {
    PickleBytes texts = PickleBytes.start();
    for (int i = 0; i < 500; i++) {
      texts.text("\u0100" + "a".repeat(4_000));
    }
    assertCheaplyRefused(texts.op('.'));
    PickleBytes names = PickleBytes.start();
    for (int i = 0; i < 4_000; i++) {
      names.global("torch", "FloatStorage");
      names.text("\u0100" + "a".repeat(200) + i);
    }
    assertCheaplyRefused(names.op('.'));
  }

  @Test
  void picklesOfManyTensorsAllocateLittle() throws IOException {
    PickleBytes pickle = PickleBytes.start().op('}', '(').text("t").begin();
    pickle.storage("FloatStorage", "0", 0).rest(0, new long[] {0}, new long[] {1}).op('q', 1);
    for (int i = 0; i < TorchReader.MAX_TENSORS; i++) {
      pickle.text("t" + i).op('h', 1);
    }
    Path file = folder.resolve("pytorch_model.bin");
    ZipBytes zip = new ZipBytes().add("a/data.pkl", pickle.op('u', '.').bytes());
    assertCheaplyRefused(zip.add("a/data/0", new byte[0]).write(file));
  }

  @Test
  void manyZipEntriesAllocateLittle() throws IOException {
    ZipBytes zip = new ZipBytes();
    for (int i = 0; i < 3_600; i++) {
      zip.add("n".repeat(507) + (10_000 + i), new byte[0]);
    }
    assertCheaplyRefused(zip.write(folder.resolve("pytorch_model.bin")));
    zip = new ZipBytes();
    for (int i = 0; i < ZipDirectory.MAX_ENTRIES; i++) {
      zip.add("\u0100".repeat(70) + i, new byte[0]);
    }
    assertCheaplyRefused(zip.write(folder.resolve("pytorch_model.bin")));
  }

  @Test
  void longGgufStringsAllocateLittle() throws IOException {
    GgufBytes bytes = new GgufBytes();
    for (int i = 0; i < 100; i++) {
      // Latin letters beside one that takes two bytes: twice the size in memory.
      bytes.text("s" + i, "\u0100" + "a".repeat(200_000));
    }
    assertCheaplyRefused(bytes.key("end", 77));
    bytes = new GgufBytes();
    for (int i = 0; i < 400; i++) {
      bytes.text("s" + i, "\u0100" + "a".repeat(50_000));
    }
    assertCheaplyRefused(bytes.key("end", 77));
  }
}
