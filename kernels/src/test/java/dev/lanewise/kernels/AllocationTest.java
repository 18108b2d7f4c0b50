package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Once compiled, a kernel allocates nothing: no vector has become an object. */
class AllocationTest {

  static Stream<Kernels> backends() {
    return Backends.all().stream();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void noKernelAllocatesAtShapesOfRealModels(Kernels kernels) {
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Runnable> calls =
          KernelCalls.of(kernels, arena, Memory.dense(arena, KernelCalls.weights()));
      Map<String, Long> allocating = new TreeMap<>();
      calls.forEach(
          (name, call) -> {
            long bytes = Allocation.perCall(call);
            if (bytes > 0) {
              allocating.put(name, bytes);
            }
          });
      assertThat(allocating).as("bytes a call, %d bits", kernels.vectorBits()).isEmpty();
    }
  }
}
