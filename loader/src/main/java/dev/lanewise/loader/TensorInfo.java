package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a tensor lies.
 *
 * @param name as stored
 * @param dtype encoding of the elements
 * @param shape sizes, outermost first; empty for a scalar
 * @param file that holds the data
 * @param offset of the data in the file, in bytes
 * @param bytes of data
 */
public record TensorInfo(
    String name, DType dtype, List<Long> shape, Path file, long offset, long bytes) {

  /** Copies the shape. */
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Product of the shape, which was checked for overflow when the file was opened. */
  public long elements() {
    return elements(shape);
  }

  /**
   * Product of {@code shape}.
   *
   * @throws ArithmeticException if it passes 2^63
   */
  static long elements(List<Long> shape) {
    // A zero first: the other sizes need not have a product then.
    if (shape.contains(0L)) {
      return 0;
    }
    long product = 1;
    for (long size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  /** How an error message begins: "model.safetensors: tensor 'h.0.ln_1.bias'". */
  String place() {
    return file.getFileName() + ": tensor " + Quoted.of(name);
  }
}
