package dev.lanewise.internal.model;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.kernels.StoredRows;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The token embedding {@code (vocab, nEmbd)}: a matrix, or rows of a small type that stay as they
 * are stored, which is enough where it is not the output matrix too. Immutable.
 *
 * @param matrix in memory or mapped, null for stored rows
 * @param stored rows as the file has them, where there is no matrix
 * @param type of the stored rows
 * @param width nEmbd
 */
record TokenEmbedding(@Nullable Matrix matrix, MemorySegment stored, DType type, int width) {

  static TokenEmbedding of(Matrix matrix) {
    return new TokenEmbedding(matrix, matrix.segment(), matrix.type(), matrix.in());
  }

  static TokenEmbedding ofStored(MemorySegment rows, DType type, int width) {
    return new TokenEmbedding(null, rows, type, width);
  }

  /**
   * Writes the embedding of a token. A copy even of float32: no mapped memory reaches the vector
   * kernels, see {@link WeightPacking#output}.
   */
  void copy(int id, MemorySegment target, long offset) {
    if (matrix == null) {
      StoredRows.decode(type, stored, id, width, target, offset);
    } else if (type != DType.F32) {
      SmallWeights.decodeOutput(matrix, id, target, offset);
    } else {
      long rowBytes = (long) width * Float.BYTES;
      MemorySegment.copy(
          matrix.segment(), matrix.offset() + id * rowBytes, target, offset, rowBytes);
    }
  }
}
