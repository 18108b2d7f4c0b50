package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmupTest {

  private static final int HEAD_SIZE = 24;

  @TempDir private Path folder;

  /** Matrices as a model has them: mapped where they lie, in memory where they were packed. */
  private List<Matrix> weights(Arena arena, int in, int out) throws IOException {
    long bytes = (long) in * out * Float.BYTES;
    Path file = folder.resolve("weights-" + in + "-" + out);
    Files.write(file, new byte[(int) bytes]);
    MemorySegment mapped;
    try (FileChannel channel = FileChannel.open(file)) {
      mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
    }
    return List.of(
        new Matrix(mapped, 0, in, out, Matrix.Layout.IN_OUT),
        new Matrix(mapped, 0, in, out, Matrix.Layout.OUT_IN),
        Matrix.panels(arena, in, out));
  }

  /** Every call of it allocates, as that of a kernel that is not compiled. */
  private static Kernels neverCompiled(AtomicInteger calls, List<Object> garbage) {
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, args) -> {
              calls.incrementAndGet();
              garbage.add(new byte[64]);
              return null;
            });
  }

  @Test
  void takesMatricesOfEverySize() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      for (int[] size : new int[][] {{1, 1}, {7, 3}, {16, 128}, {801, 131}, {1000, 40}}) {
        for (Activation activation : Activation.values()) {
          assertThat(
                  Warmup.run(
                      Kernels.scalar(),
                      activation,
                      HEAD_SIZE,
                      weights(arena, size[0], size[1]),
                      () -> false))
              .isTrue();
        }
      }
    }
  }

  @Test
  void leavesKernelsThatAllocateNothing() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      List<Matrix> weights = weights(arena, 96, 160);
      Kernels kernels = Kernels.get();
      // However busy the machine is: there is no other end than that they are compiled.
      long forever = Long.MAX_VALUE;
      assertThat(
              Warmup.run(kernels, Activation.GELU_TANH, HEAD_SIZE, weights, () -> false, forever))
          .isTrue();
      PackedRows x = new PackedRows();
      MemorySegment y = arena.allocate(11L * 160 * Float.BYTES, 64);
      for (Matrix matrix : weights) {
        x.reset(11, 96, matrix.layout());
        long bytes =
            Allocation.perCall(
                () -> kernels.matmul(x, matrix, null, false, y, 0, 160L * Float.BYTES, 0, 160));
        assertThat(bytes).as(matrix.layout().name()).isZero();
      }
    }
  }

  @Test
  void endsAtOnceWhenCancelled() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    List<Object> garbage = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      assertThat(
              Warmup.run(
                  neverCompiled(calls, garbage),
                  Activation.RELU,
                  HEAD_SIZE,
                  weights(arena, 16, 32),
                  () -> calls.get() > 5))
          .isFalse();
    }
    assertThat(calls.get()).isBetween(6, 9);
  }

  @Test
  void waitsForNoKernelThatIsNeverCompiled() throws IOException {
    List<Object> garbage = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      assertThat(
              Warmup.run(
                  neverCompiled(new AtomicInteger(), garbage),
                  Activation.RELU,
                  HEAD_SIZE,
                  weights(arena, 16, 32),
                  () -> false,
                  0))
          .isFalse();
    }
    assertThat(garbage).isNotEmpty();
  }
}
