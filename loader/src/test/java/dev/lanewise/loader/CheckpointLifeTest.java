package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class CheckpointLifeTest {

  private static final Path HALF = Fixtures.model("openai-gpt-lm-fp16");

  @Test
  void refusesAccessAfterClose() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(HALF);
    TensorInfo tensor = checkpoint.tensors().firstEntry().getValue();
    MemorySegment data = checkpoint.data(tensor);
    checkpoint.close();
    checkpoint.close();
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> checkpoint.data(tensor))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the checkpoint in " + HALF + " is closed");
      assertThatThrownBy(() -> checkpoint.floats(tensor, arena))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
    assertThatThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThat(checkpoint.tensors()).isNotEmpty();
  }

  @Test
  void mapsATensorByItself() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(HALF)) {
      for (TensorInfo tensor : checkpoint.tensors().values()) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment mapped = checkpoint.map(tensor, arena);
          assertThat(mapped.mismatch(checkpoint.data(tensor))).isEqualTo(-1);
          assertThat(mapped.isReadOnly()).isTrue();
        }
      }
      TensorInfo own = checkpoint.tensors().firstEntry().getValue();
      TensorInfo forged =
          new TensorInfo(own.name(), DType.F32, own.shape(), own.file(), own.offset(), 1L << 40);
      try (Arena arena = Arena.ofConfined()) {
        assertThatThrownBy(() -> checkpoint.map(forged, arena))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void refusesATensorOfAnotherCheckpoint() throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(HALF)) {
      TensorInfo own = checkpoint.tensors().firstEntry().getValue();
      TensorInfo forged =
          new TensorInfo(own.name(), DType.F32, own.shape(), own.file(), own.offset(), 1L << 40);
      assertThatThrownBy(() -> checkpoint.data(forged))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not of this checkpoint");
    }
  }

  @Test
  void copiesOutliveTheCheckpoint() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy;
      try (Checkpoint checkpoint = Checkpoint.open(HALF)) {
        copy = checkpoint.floats(checkpoint.tensors().firstEntry().getValue(), arena).segment();
      }
      assertThat(copy.get(ValueLayout.JAVA_FLOAT, 0)).isFinite();
    }
  }

  @Test
  void manyThreadsReadTheSameBytes() throws Exception {
    int threads = 8;
    try (Checkpoint checkpoint = Checkpoint.open(HALF);
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<TensorInfo> tensors = List.copyOf(checkpoint.tensors().values());
      CountDownLatch start = new CountDownLatch(threads);
      List<Future<Long>> sums = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        sums.add(
            pool.submit(
                () -> {
                  start.countDown();
                  start.await();
                  long hash = 0;
                  for (TensorInfo tensor : tensors) {
                    try (Arena arena = Arena.ofConfined()) {
                      MemorySegment floats = checkpoint.floats(tensor, arena).segment();
                      for (long at = 0; at < floats.byteSize(); at += 4) {
                        hash = hash * 31 + floats.get(ValueLayout.JAVA_INT, at);
                      }
                    }
                  }
                  return hash;
                }));
      }
      for (Future<Long> sum : sums) {
        assertThat(sum.get()).isEqualTo(sums.getFirst().get()).isNotZero();
      }
    }
  }

  @Test
  void closeDuringReadsEndsThemWithAnIllegalState() throws Exception {
    for (int round = 0; round < 20; round++) {
      Checkpoint checkpoint = Checkpoint.open(HALF);
      List<TensorInfo> tensors = List.copyOf(checkpoint.tensors().values());
      CountDownLatch reading = new CountDownLatch(2);
      try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          readers.add(
              pool.submit(
                  () -> {
                    // Until the other thread closes it.
                    while (true) {
                      for (TensorInfo tensor : tensors) {
                        try (Arena arena = Arena.ofConfined()) {
                          checkpoint.floats(tensor, arena);
                        }
                      }
                      reading.countDown();
                    }
                  }));
        }
        reading.await();
        checkpoint.close();
        for (Future<?> reader : readers) {
          assertThatThrownBy(reader::get)
              .isInstanceOf(ExecutionException.class)
              .hasCauseInstanceOf(IllegalStateException.class);
        }
      }
    }
  }
}
