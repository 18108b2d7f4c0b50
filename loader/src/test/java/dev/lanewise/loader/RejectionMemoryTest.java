package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused must not have cost memory out of proportion to the file. */
class RejectionMemoryTest {

  private static final long ALLOWANCE = 16L << 20;

  @TempDir private Path folder;

  private void assertCheaplyRefused(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("model.safetensors"), content);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Throwable refused = catchThrowable(() -> Checkpoint.open(file).close());
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(refused).isInstanceOf(IOException.class);
    assertThat(allocated).as(refused.getMessage()).isLessThan(content.length + ALLOWANCE);
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
}
