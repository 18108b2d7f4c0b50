package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.internal.F32;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Once compiled, a kernel allocates nothing: no vector has become an object.
 *
 * <p>What the compiler makes of a kernel depends on what the JVM has seen before. So they are
 * compiled here in an order and mix that no model has; {@code -Dmix.seed} gives another one.
 */
class AllocationTest {

  /** Calls of all kernels in one another's midst, which is when they are compiled. */
  private static final int MIXED_CALLS = 12_000;

  static Stream<Kernels> backends() {
    return Backends.all().stream();
  }

  /** With 256 bits, this order once had a helper compiled before its callers, and not inlined. */
  private static final long SEED = 12957799974251L;

  @TempDir Path dir;

  @ParameterizedTest
  @MethodSource("backends")
  void noKernelAllocatesInWhicheverOrderTheyWereCompiled(Kernels kernels) throws IOException {
    long seed = Long.getLong("mix.seed", SEED);
    Random random = new Random(seed);
    try (Arena shared = Arena.ofShared();
        Arena mapped = Arena.ofShared()) {
      float[] weights = KernelCalls.weights();
      Map<String, Runnable> calls = new TreeMap<>();
      put("shared ", calls, KernelCalls.of(kernels, shared, Memory.dense(shared, weights)));
      put("mapped ", calls, KernelCalls.of(kernels, mapped, map(weights, mapped)));
      List<Map.Entry<String, Runnable>> shuffled = new ArrayList<>(calls.entrySet());
      mix(shuffled, random);
      Collections.shuffle(shuffled, random);
      Map<String, Long> allocating = new TreeMap<>();
      for (Map.Entry<String, Runnable> call : shuffled) {
        long bytes = Allocation.perCall(call.getValue());
        if (bytes > 0) {
          allocating.put(call.getKey(), bytes);
        }
      }
      assertThat(allocating)
          .as("bytes a call, %d bits, mix.seed=%d", kernels.vectorBits(), seed)
          .isEmpty();
    }
  }

  private static void put(String prefix, Map<String, Runnable> all, Map<String, Runnable> calls) {
    calls.forEach((name, call) -> all.put(prefix + name, call));
  }

  private MemorySegment map(float[] values, Arena arena) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            Files.createTempFile(dir, "weights", ""),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      long bytes = (long) values.length * Float.BYTES;
      MemorySegment segment = file.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
      MemorySegment.copy(values, 0, segment, F32.LAYOUT, 0, values.length);
      return segment;
    }
  }

  /** Random kernels, each a random number of times in a row. */
  private static void mix(List<Map.Entry<String, Runnable>> calls, Random random) {
    for (int i = 0; i < MIXED_CALLS; ) {
      Runnable call = calls.get(random.nextInt(calls.size())).getValue();
      for (int repeat = 1 + random.nextInt(40); repeat > 0; repeat--, i++) {
        call.run();
      }
    }
  }
}
