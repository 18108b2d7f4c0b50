package dev.lanewise.bench.peers;

import dev.lanewise.kernels.Floats;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** The values of a checkpoint, copied tensor by tensor for writers of other formats. */
public final class StoredTensors implements AutoCloseable {

  private final Checkpoint checkpoint;

  /** Opens a model folder. */
  public StoredTensors(Path folder) throws IOException {
    this.checkpoint = Checkpoint.open(folder);
  }

  /** The values of the tensor {@code name}, row by row. */
  public float[] values(String name) throws IOException {
    TensorInfo tensor = checkpoint.tensors().get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no tensor " + name + " in " + checkpoint.folder());
    }
    try (Arena arena = Arena.ofConfined()) {
      Floats stored = checkpoint.floats(tensor, arena);
      float[] values = new float[Math.toIntExact(stored.length())];
      MemorySegment.copy(
          stored.segment(),
          ValueLayout.JAVA_FLOAT_UNALIGNED,
          stored.offset(),
          values,
          0,
          values.length);
      return values;
    }
  }

  /** The values of a matrix of {@code rows} rows, column by column. */
  public float[] transposed(String name, int rows) throws IOException {
    return transpose(values(name), rows);
  }

  /** A matrix of {@code rows} rows, column by column. */
  static float[] transpose(float[] values, int rows) {
    int columns = values.length / rows;
    float[] transposed = new float[values.length];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        transposed[column * rows + row] = values[row * columns + column];
      }
    }
    return transposed;
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
